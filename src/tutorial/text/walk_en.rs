//! The walk in English.

use super::walk::WalkWords;

pub(super) static WORDS: WalkWords = WalkWords {
    homework: [
        "Backpropagation, Step by Step",
        "your network, with every number of its first round",
    ],
    subtitle: "Matt Mazur's example, with every number of its first round",
    network: "The Network",
    network_text: "A neural network is a formula with adjustable numbers. This one makes {outputs} of {inputs}{hidden}. Each line below is a neuron: a weight for every value that reaches it{bias}. To train is to adjust the weights until the outputs come close to their targets. Backpropagation finds out which way to adjust each one.",
    hidden: [", by way of {neurons}", ""],
    ranges: [" to ", " and "],
    comma: ", ",
    digits: "All numbers are exact (f64), and shown to nine decimals without zeros at the end. Work with all the digits: rounding on the way shows in the result.",
    rows: "There are {rows} rows. #1 marks a number of row 1, #2 of row 2. The formulas show row 1; tables list the others.",
    settings: ["learning rate", "loss", "optimizer", "momentum"],
    table: ["inputs", "targets", "bias", "row {n}"],
    plan: [
        "All weights change at the end of the round, together.",
        "Each layer changes before the error goes on to the layer below it.",
        "Biases are trained, too. Each neuron then has its own, with a name of its own ({biases}), since each takes its own step. Only biases that keep their values can be one number for a layer, with one name (b1, b2).",
        "Biases keep their values.",
    ],
    and_bias: [", and a bias, which is added", ", and its bias"],
    forward: [
        "The Forward Pass",
        "First the network predicts with the weights it has. A neuron adds up what reaches it, each value times its weight{bias}: that is its net input (net). Its activation turns the net input into its output (out).",
    ],
    activations: [
        "The identity leaves a net input as it is.",
        "The logistic function squeezes any number into the range from 0 to 1.",
        "tanh squeezes any number into the range from -1 to 1.",
        "relu keeps what is above 0, and makes the rest 0.",
        "leaky relu keeps what is above 0, and makes the rest a hundredth.",
        "In the last layer, softmax turns the net inputs into probabilities: each power of e is divided by the sum of all.",
    ],
    slopes: [
        "The slope of the identity is 1 everywhere: dout/dnet = 1.",
        "out follows net by the slope of the logistic function. Derived, 1 / (1 + e^-net) becomes e^-net / (1 + e^-net)^2, and that is out * (1 - out): steepest in the middle, and nearly flat where out is close to 0 or 1.",
        "out follows net by the slope of tanh, which is 1 - out^2: steepest in the middle, and nearly flat where out is close to -1 or 1.",
        "out follows net by the slope of relu: 1 where net is above 0, and 0 elsewhere.",
        "out follows net by the slope of leaky relu: 1 where net is above 0, and 0.01 elsewhere.",
    ],
    layers: ["Hidden layer: {neurons}", "Output layer: {neurons}"],
    leaky: "{net} where above 0, else {net} / 100",
    corner: "1 if {out} > 0, else {other}",
    others: [
        "The last one, by the same formulas:",
        "The other {count}, by the same formulas:",
    ],
    all_rows: "All rows:",
    error: [
        "The Total Error",
        "How wrong is that? {loss} The total error is the one number that training makes smaller.",
    ],
    losses: [
        "Take each output's distance from its target and square it, so that large mistakes count more. The half only makes the formulas that follow shorter.",
        "Take each output's distance from its target and square it, so that large mistakes count more, and take the mean over the outputs.",
        "Take each output's distance from its target, and the mean over the outputs.",
        "Take each output's distance from its target: squared and halved up to 1, less a half beyond, and take the mean over the outputs.",
        "Take the logarithm of the probability of the right answer: the less likely the network thought it, the larger the error.",
    ],
    total: [
        "E_total adds up the errors of the outputs.",
        "The error of a row adds up the errors of its outputs; E_total is the mean over the rows.",
    ],
    output: [
        "The Backwards Pass: Output Layer",
        "Now backwards. If {w} grew a little, would the error grow or shrink, and how fast? That rate is the partial derivative dE_total/d{w}; those of all weights together are the gradient. The chain rule makes it a product of three simple rates: how the error follows out_{o}, how out_{o} follows net_{o}, and how net_{o} follows {w}. The last is just the value that {w} multiplies. The first two are the same for all weights of {o}, and their product has a name: delta_{o}. The new weight, {w}+, is the old one less this derivative times the learning rate: a small step downhill.",
    ],
    output_softmax: "Now backwards. If {w} grew a little, would the error grow or shrink, and how fast? That rate is the partial derivative dE_total/d{w}; those of all weights together are the gradient. The chain rule makes it a product of two rates: how the error follows net_{o}, called delta_{o}, and how net_{o} follows {w}, which is just the value that {w} multiplies. With softmax and cross-entropy the first is simply the output less the target. The new weight, {w}+, is the old one less this derivative times the learning rate: a small step downhill.",
    back: [
        "The Backwards Pass: Hidden Layer {neurons}",
        "The weights of {neurons} lie further back. {h} acts on the error by way of {above}, so its part in the error comes back from there, through the weights that lead there ({ws}), and is added up. {order} The rest is the same chain.",
    ],
    back_only: "The Backwards Pass: Hidden Layer",
    back_order: [
        "These are the old weights: the new ones come into use in the next round.",
        "These are the new weights already (their names end in +), since this network updates each layer before the error goes on.",
    ],
    steps: ["How the error follows {neurons}:", "The weights:"],
    adam: "Adam divides a partial derivative by its recent size. In the first round that is its own size, so that every weight moves by about the learning rate, whatever its partial derivative.",
    momentum: "Momentum adds {momentum} times the step of the round before. The first round has none before it.",
    signs: [
        "dE_total/d{w} is positive: a larger {w} would make the error larger. So {w} gets smaller.",
        "dE_total/d{w} is negative: a larger {w} would make the error smaller. So {w} gets larger.",
        "dE_total/d{w} is 0: a small change of {w} would leave the error as it is. So {w} stays.",
    ],
    biases: [
        "A bias is a weight of a value that is always 1, so its partial derivative is delta itself.",
        "The biases keep their values here. To update them, too: --biases trained.",
    ],
    round: [
        "After One Round",
        "Every weight took a step against its partial derivative. Does it help? With the new weights, the error falls from {before} to {after}.",
        "Every weight took a step against its partial derivative. With the new weights, the error goes from {before} to {after}: not down. A step may be too long; try a smaller learning rate.",
    ],
    round_heads: ["before", "partial derivative", "after"],
    course: [
        "Round After Round",
        "The same again, from the new weights: forward, error, backwards, update.",
    ],
    course_heads: [
        "rounds",
        "E_total",
        "row {n}",
        "The weights after so many rounds:",
    ],
    diverged: "After {round} rounds the numbers are no longer finite: the steps are too long. Try a smaller learning rate.",
    device: "Your device computed this part, too. Of all its values ({count}), {name} is the furthest from exact, by {distance}.",
    device_off: "Your device is further off here than rounding explains: doubt its driver, or report it.",
    device_heads: ["exact", "device"],
    printed: "The article prints {printed} for {name}: {note}",
    article_end: [
        "The Article's Figures",
        "wgrad tutorial --figures shows each of them: as printed, exact, and as your device computes it.",
    ],
    end: [
        "Where Training Leads",
        "after {n} rounds, this device",
        "after {n} rounds, exact",
    ],
    claims: ["Your Numbers", "right", "slip", "wrong"],
    one_of: "Each of these alone gives it.",
    few_digits: [
        "These digits do not rule out a slip: give more of them.",
        "These digits are too few to say which slip it is: give more of them.",
    ],
    name_round: "If you mean that one, name it {name}.",
    right_is: "Right is {right}.",
    other: "That is {name}.",
    step: "-- any key goes on, q ends --",
    slips: &[
        (
            "biases-updated",
            "Biases were updated, too. Here they keep their values.",
        ),
        ("biases-frozen", "Biases were not updated. Here they are."),
        (
            "new-weights",
            "The hidden deltas were computed with the new weights of the layer above. Here all weights change at the end of the round: use the old ones.",
        ),
        (
            "old-weights",
            "The hidden deltas were computed with the old weights of the layer above. Here each layer changes first: use the new ones.",
        ),
        ("without-half", "The half in the error was left out."),
        (
            "with-half",
            "A half was put into the error. This loss (mse) has none.",
        ),
        (
            "sum-of-outputs",
            "The outputs were added up. This loss is their mean.",
        ),
        (
            "sum-of-rows",
            "The rows were added up. Here it is their mean: divide by their number.",
        ),
        (
            "row-by-row",
            "The weights were updated after each row. Here a round takes all rows together.",
        ),
        (
            "first-row-only",
            "Only row 1 was used. Here it is the mean over all rows.",
        ),
        (
            "no-slope",
            "The slope of the activation (dout/dnet) was left out.",
        ),
        (
            "no-output-slope",
            "The slope of the activation (dout/dnet) was left out in the output layer.",
        ),
        (
            "no-hidden-slope",
            "The slope of the activation (dout/dnet) was left out in the hidden layer.",
        ),
        (
            "wrong-sign",
            "The step was added. It is subtracted: downhill is against the gradient.",
        ),
        (
            "turned-difference",
            "The sign is turned: the derivative of the error has out - target, not target - out.",
        ),
        ("no-rate", "The learning rate was left out."),
        (
            "rate-in-gradient",
            "That is the partial derivative times the learning rate: the length of the step.",
        ),
        (
            "transposed",
            "The weights were read by columns. A row of weights leads into one neuron.",
        ),
        (
            "transposed-back",
            "On the way back the wrong weights were used: those that lead into a neuron above. Take those that lead out of the hidden neuron, one to each neuron above.",
        ),
        (
            "one-output-back",
            "Only the first neuron above was followed back. The error comes back from all of them.",
        ),
        (
            "no-weights-back",
            "On the way back the weights were left out.",
        ),
        ("no-bias", "The biases were left out."),
        ("other-identity", "The activation was left out."),
        (
            "other-sigmoid",
            "The activation was the logistic function. Here it is another.",
        ),
        ("other-tanh", "The activation was tanh. Here it is another."),
        ("other-relu", "The activation was relu. Here it is another."),
        (
            "rounded",
            "Results were rounded to {n} decimals on the way. Work with all digits, and round at the end.",
        ),
        (
            "cut-off",
            "The digits are right, but cut off: the last one is to be rounded.",
        ),
        (
            "round-earlier",
            "That is the value of one round earlier: it was not updated.",
        ),
        ("round-later", "That is the value of one round later."),
        ("other-round", "That is the value after round {n}."),
        (
            "near",
            "Near, but not to the digits given: was something rounded on the way?",
        ),
    ],
};
