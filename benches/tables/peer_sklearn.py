"""scikit-learn on one split: `peer_sklearn.py mlp|trees TRAIN.csv TEST.csv TARGET classify|regress SEED`.

Prints one JSON line with the score on the test rows: accuracy, or R2. The estimators have their defaults; what a user
would do to the columns is done: numbers are imputed and scaled, categories encoded, dates taken apart.
"""

import json
import sys
import warnings

import numpy
import pandas
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor, make_column_selector
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

# As wgrad's --max-levels; the trees take at most 255 levels.
MOST_LEVELS = 100
NUMBERS = make_column_selector(dtype_include=numpy.number)
CATEGORIES = make_column_selector(dtype_include=object)


def read(path):
    """Only an empty cell is missing: `None` and `NA` can be levels."""
    return pandas.read_csv(path, keep_default_na=False, na_values=[""], low_memory=False)


def dates_apart(name, text):
    """A column of dates as its days, month, weekday and hour; None if it has anything else."""
    if not text.dropna().str.match(r"\d{4}-\d{2}-\d{2}").all():
        return None
    times = pandas.to_datetime(text, format="ISO8601", errors="coerce", utc=True)
    if times.isna().sum() > text.isna().sum() or times.isna().all():
        return None
    day = pandas.Timedelta(days=1)
    parts = {"days": (times - pandas.Timestamp(0, tz="UTC")) / day, "month": times.dt.month}
    parts |= {"weekday": times.dt.dayofweek, "hour": times.dt.hour}
    return pandas.DataFrame({f"{name} {part}": value.astype(float) for part, value in parts.items()})


def inputs(train, test):
    """The columns of both files: numbers as floats, dates taken apart, all else as text."""
    parts = []
    both = pandas.concat([train, test], keys=["train", "test"])
    for name, column in both.items():
        if pandas.api.types.is_numeric_dtype(column) and not pandas.api.types.is_bool_dtype(column):
            parts.append(column.astype(float).to_frame())
            continue
        text = column.map(str, na_action="ignore").astype(object)
        dates = dates_apart(name, text)
        parts.append(text.to_frame() if dates is None else dates)
    whole = pandas.concat(parts, axis=1)
    return whole.loc["train"], whole.loc["test"]


def mlp(task, seed):
    """MLPClassifier or MLPRegressor, with all columns scaled or one-hot."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    numbers = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    levels = OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=MOST_LEVELS, sparse_output=False)
    columns = ColumnTransformer([("numbers", numbers, NUMBERS), ("levels", levels, CATEGORIES)])
    if task == "classify":
        return make_pipeline(columns, MLPClassifier(random_state=seed))
    network = TransformedTargetRegressor(MLPRegressor(random_state=seed), transformer=StandardScaler())
    return make_pipeline(columns, network)


def trees(task, seed):
    """HistGradientBoosting*, which knows missing numbers; categories are codes that it knows to be such."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    levels = OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=numpy.nan, encoded_missing_value=numpy.nan, max_categories=254
    )
    columns = ColumnTransformer([("levels", levels, CATEGORIES), ("numbers", "passthrough", NUMBERS)])
    columns.set_output(transform="pandas")
    boosting = HistGradientBoostingClassifier if task == "classify" else HistGradientBoostingRegressor

    class Named(boosting):
        """The encoded columns are those whose names begin with levels__."""

        def fit(self, rows, targets):
            coded = [name for name in rows.columns if name.startswith("levels__")]
            return self.set_params(categorical_features=coded or None) and super().fit(rows, targets)

    return make_pipeline(columns, Named(random_state=seed))


def main():
    """Fits on TRAIN and tells the score on TEST."""
    which, train, test, target, task, seed = sys.argv[1:]
    warnings.simplefilter("ignore")
    train, test = read(train), read(test)
    known, truth = train.pop(target), test.pop(target)
    if task == "classify":
        known, truth = known.astype(str).to_numpy(object), truth.astype(str).to_numpy(object)
    train, test = inputs(train, test)
    model = {"mlp": mlp, "trees": trees}[which](task, int(seed)).fit(train, known)
    print(json.dumps({"score": float(model.score(test, truth))}))


if __name__ == "__main__":
    main()
