"""iris, 16 hidden neurons, 512 seeds x 5 folds, in scikit-learn, one network after the other: 40 are measured, then scaled."""

import time
import warnings

import numpy
from peer import say
from sklearn.datasets import load_iris
from sklearn.model_selection import StratifiedKFold
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

SEEDS, FOLDS, EPOCHS, BATCH = 512, 5, 200, 10
MEASURED_SEEDS = 8
warnings.filterwarnings("ignore")
x, y = load_iris(return_X_y=True)
splits = list(StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(x, y))
accuracies = []
start = time.perf_counter()
for seed in range(MEASURED_SEEDS):
    for train, test in splits:
        scale = StandardScaler().fit(x[train])
        network = MLPClassifier(
            hidden_layer_sizes=(16,),
            solver="sgd",
            learning_rate_init=0.01,
            momentum=0,
            alpha=0,
            batch_size=BATCH,
            max_iter=EPOCHS,
            n_iter_no_change=EPOCHS,
            random_state=seed,
        )
        network.fit(scale.transform(x[train]), y[train])
        accuracies.append(network.score(scale.transform(x[test]), y[test]))
measured = time.perf_counter() - start
seconds = measured * SEEDS / MEASURED_SEEDS
rows = len(splits[0][0])
say(
    f"sklearn ({len(accuracies)} measured)",
    "sweep, iris 4-16-3, 2560 networks",
    BATCH,
    EPOCHS * -(-rows // BATCH),
    SEEDS * FOLDS * EPOCHS * rows,
    seconds,
    seconds=seconds,
    accuracy=float(numpy.mean(accuracies)),
)
