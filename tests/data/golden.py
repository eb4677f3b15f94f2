"""The golden run: three epochs of `wgrad train iris --hidden 6 --lr 0.01 --epochs 3`, computed without wgrad, in f64.

    python3 tests/data/golden.py > tests/data/golden.json

Written from the documentation, to be compared with by tests/training: Threefry, the stratified split, scaling, initial
weights, row order, loss, gradients and Adam are all its own, from their papers. It needs no packages.
"""
import csv, json, math, os

SEED, HIDDEN, EPOCHS, BATCH, RATE, VAL, TEST = 0, 6, 3, 32, 0.01, 0.1, 0.2
SPLIT, INIT, ORDER = 1, 2, 3  # what random numbers are for
MASK = 0xFFFFFFFF


def threefry(key, counter):  # Salmon et al. 2011, Threefry-2x32-20
    words = [key[0], key[1], key[0] ^ key[1] ^ 0x1BD11BDA]
    x, y = (counter[0] + words[0]) & MASK, (counter[1] + words[1]) & MASK
    for n in range(20):
        turn = (13, 15, 26, 6, 17, 29, 16, 24)[n % 8]
        x = (x + y) & MASK
        y = ((y << turn | y >> 32 - turn) & MASK) ^ x
        if n % 4 == 3:
            k = n // 4 + 1
            x, y = (x + words[k % 3]) & MASK, (y + words[(k + 1) % 3] + k) & MASK
    return x, y


def key(purpose, part):
    return threefry((SEED & MASK, SEED >> 32), (purpose, part))


def shuffled(key, count):  # a Feistel network of six rounds over an even number of bits, walked until inside
    half = max(1, -(-(count - 1).bit_length() // 2))
    places = []
    for at in range(count):
        while True:
            left, right = at >> half, at & (1 << half) - 1
            for r in range(6):  # the round function: MurmurHash3's finaliser
                h = (right + key[0] & MASK) ^ key[1] * (2 * r + 1) & MASK
                h = (h ^ h >> 16) * 0x85EBCA6B & MASK
                h = (h ^ h >> 13) * 0xC2B2AE35 & MASK
                left, right = right, left ^ (h ^ h >> 16) & (1 << half) - 1
            at = left << half | right
            if at < count:
                break
        places.append(at)
    return places


def shares(groups, share, taken):  # whole parts, then one more for the largest remainders; a row of each class stays
    exact = [len(group) * share for group in groups]
    counts = [min(int(e), len(group) - t - 1) for e, group, t in zip(exact, groups, taken)]
    missing = round(sum(map(len, groups)) * share) - sum(counts)
    for g in sorted(range(len(groups)), key=lambda g: -(exact[g] % 1))[:missing]:
        counts[g] += 1
    return counts


def read():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../src/dataset/data/iris.csv")
    rows = list(csv.reader(open(path)))[1:]
    names = sorted({row[-1] for row in rows})
    return [[float(v) for v in row[:-1]] for row in rows], [names.index(row[-1]) for row in rows]


def split(labels):
    groups = [[] for _ in set(labels)]
    for row in shuffled(key(SPLIT, 0), len(labels)):
        groups[labels[row]].append(row)
    tests = shares(groups, TEST, [0] * len(groups))
    vals = shares(groups, VAL, tests)
    train, val, test = [], [], []
    for group, t, v in zip(groups, tests, vals):
        test += group[:t]
        val += group[t:t + v]
        train += group[t + v:]
    return train, val, test


def scaled(inputs, train):  # mean 0 and population deviation 1 over the training rows
    columns = []
    for column in zip(*inputs):
        own = [column[row] for row in train]
        mean = math.fsum(own) / len(own)
        deviation = math.sqrt(math.fsum((v - mean) ** 2 for v in own) / len(own))
        columns.append([(v - mean) / deviation for v in column])
    return list(zip(*columns))


def initial(layer, fan_in, fan_out, rectified):  # He's bound below relu, Glorot's below the outputs; biases are 0
    bound = math.sqrt(6 / fan_in if rectified else 6 / (fan_in + fan_out))
    own = key(INIT, layer)
    uniform = [(threefry(own, (i, 0))[0] >> 8) / 2 ** 24 for i in range(fan_in * fan_out)]
    return [bound * (2 * u - 1) for u in uniform] + [0.0] * fan_out


def forward(p, x):
    inputs = len(x)
    hidden = [max(0.0, p[inputs * HIDDEN + h] + sum(p[h * inputs + i] * x[i] for i in range(inputs))) for h in range(HIDDEN)]
    upper = p[HIDDEN * (inputs + 1):]
    outputs = len(upper) // (HIDDEN + 1)
    logits = [upper[outputs * HIDDEN + o] + sum(upper[o * HIDDEN + h] * hidden[h] for h in range(HIDDEN)) for o in range(outputs)]
    return hidden, logits


def loss_and_softmax(logits, label):
    exponentials = [math.exp(v - max(logits)) for v in logits]
    total = sum(exponentials)
    return max(logits) + math.log(total) - logits[label], [e / total for e in exponentials]


def gradient(p, x, label):
    hidden, logits = forward(p, x)
    loss, softmax = loss_and_softmax(logits, label)
    delta = [s - (o == label) for o, s in enumerate(softmax)]
    upper = p[HIDDEN * (len(x) + 1):]
    below = [sum(d * upper[o * HIDDEN + h] for o, d in enumerate(delta)) * (hidden[h] > 0) for h in range(HIDDEN)]
    return loss, [b * v for b in below for v in x] + below + [d * h for d in delta for h in hidden] + delta


def metrics(p, inputs, labels, rows):
    results = [forward(p, inputs[row])[1] for row in rows]
    losses = [loss_and_softmax(logits, labels[row])[0] for logits, row in zip(results, rows)]
    hits = sum(logits.index(max(logits)) == labels[row] for logits, row in zip(results, rows))
    return {"loss": sum(losses) / len(rows), "accuracy": hits / len(rows)}


def main():
    inputs, labels = read()
    train, val, test = split(labels)
    inputs = scaled(inputs, train)
    width, classes = len(inputs[0]), len(set(labels))
    p = initial(0, width, HIDDEN, True) + initial(1, HIDDEN, classes, False)
    m, v, t, epochs = [0.0] * len(p), [0.0] * len(p), 0, []
    for epoch in range(EPOCHS):
        order = [train[place] for place in shuffled(key(ORDER, epoch), len(train))]
        total = 0.0
        for start in range(0, len(order), BATCH):
            rows = order[start:start + BATCH]
            results = [gradient(p, inputs[row], labels[row]) for row in rows]
            total += sum(loss for loss, _ in results)
            g = [sum(parts) / len(rows) for parts in zip(*(own for _, own in results))]
            t += 1
            m = [0.9 * a + 0.1 * b for a, b in zip(m, g)]  # Kingma and Ba 2015, algorithm 1
            v = [0.999 * a + 0.001 * b * b for a, b in zip(v, g)]
            p = [w - RATE * (a / (1 - 0.9 ** t)) / (math.sqrt(b / (1 - 0.999 ** t)) + 1e-8) for w, a, b in zip(p, m, v)]
        epochs.append({"train_loss": total / len(order), "val": metrics(p, inputs, labels, val)})
    print(json.dumps({"epochs": epochs, "test": metrics(p, inputs, labels, test), "parameters": p}))


main()
