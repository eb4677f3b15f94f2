//! English.

use super::words::Words;

pub(super) static WORDS: Words = Words {
    title: "A Step by Step Backpropagation Example",
    subtitle: "Matt Mazur's article, with every figure of it recomputed",
    overview: "Overview",
    overview_text: &[
        "A neural network is a formula with adjustable numbers. This one makes two outputs (o1, o2) of two inputs (i1, i2), by way of two hidden neurons (h1, h2). Each line below is a neuron: a weight for every value that reaches it, and a bias that is added. To train is to adjust the weights until the outputs come close to their targets. Backpropagation finds out which way to adjust each one.",
        "The tables list every figure that the article prints:",
    ],
    columns: [
        ("printed", "the article's, digit for digit"),
        ("exact", "the exact value, to about 16 digits (f64)"),
        (
            "computed",
            "your device's, to about 7 digits (f32); the rest is noise",
        ),
        ("verdict", "first on the print, then on your device:"),
    ],
    heads: ["figure", "printed", "exact", "computed", "verdict"],
    setup: ["bias", "target", "learning rate"],
    verdicts: [
        ("match", "the print is the exact value, rounded"),
        (
            "misprint",
            "a slip in the article; the note has the right value",
        ),
        (
            "sequential",
            "right for a program that updates layer by layer on the way back; the text updates all weights at the end of a round",
        ),
        (
            "mismatch",
            "your device is further off than rounding explains",
        ),
    ],
    parts: [
        (
            "The Forward Pass",
            "First the network predicts with the weights it has. A neuron adds up what reaches it, each value times its weight, and its bias: that is its net input (net). The logistic function squeezes the sum into the range from 0 to 1: that is its output (out). The outputs should be 0.01 and 0.99.",
        ),
        (
            "Calculating the Total Error",
            "How wrong is that? Take each output's distance from its target and square it, so that large mistakes count more; the half only tidies up the formulas that follow. The sum over both outputs is the total error: the one number that training makes smaller.",
        ),
        (
            "The Backwards Pass: Output Layer",
            "Now backwards. If w5 grew a little, would the error grow or shrink, and how fast? That rate, the partial derivative dE_total/dw5, is the product of three simple ones (the chain rule): how the error follows the output, how the output follows the net input (out * (1 - out), the slope of the logistic function), and how the net input follows w5. The new weight, w5+, is the old one less the partial derivative times the learning rate: a small step downhill.",
        ),
        (
            "The Backwards Pass: Hidden Layer",
            "The weights w1 to w4 lie further back. A hidden neuron acts on both outputs, so its part in the error comes back from both, through the weights that lead there (w5 and w7 for h1), and is added up. The article uses the original w5 to w8 here, not the new ones: remember that for the end. The rest is the same chain.",
        ),
        (
            "The Closing Paragraph",
            "That was one round of backpropagation. The article ends with the error after it, and with error and outputs after 10,000 rounds. On a GPU they all run in the registers of a single invocation, by the same kernels.",
        ),
    ],
    kernels: "kernels: ",
    labels: &[
        (
            "dE_total/dw5 (under \"Putting it all together\")",
            "dE_total/dw5 (the product)",
        ),
        (
            "dE_total/dw5 (in the update of w5)",
            "dE_total/dw5 (for w5+)",
        ),
        ("dE_o2/dout_h1 (first mention)", "dE_o2/dout_h1 (first)"),
        (
            "learning rate in the update of w1",
            "learning rate (for w1+)",
        ),
    ],
    misprints: &[
        (
            "net_o1 (in the exponent)",
            "should be {right}, as in the line above it: a 0 too many. From the printed exponent out_o1 would round to 0.75136506.",
        ),
        (
            "dE_total/dw5 (under \"Putting it all together\")",
            "should be {right}. Under \"Putting it all together\" the article shows the factors of dE_total/dw1, and a digit of their product is wrong. It goes on with the right value.",
        ),
        (
            "dE_o2/dout_h1 (first mention)",
            "should be {right}: a digit is missing.",
        ),
        (
            "dE_o2/dout_h1 (in the sum)",
            "should be {right}: the last digit is wrong.",
        ),
        (
            "learning rate in the update of w1",
            "should be {right}: w1 was put in its place. The result printed below it uses {right}.",
        ),
    ],
    misprint: "should be {right}.",
    sequential: "sequential updates give {sequential}, as printed.",
    remarks: &[
        (
            "E_total after 10,000 rounds",
            "A later edition prints 0.0000351085: the text's own order, after 9,999 rounds.",
        ),
        (
            "dE_total/dout_o1",
            "the figure is right, and its formula has two slips: the left side should be dE_total/dout_o1, where dE_o1/dout_o1 is printed, and the factor -1 of the inner derivative is missing: it is -(target_o1 - out_o1), not |target_o1 - out_o1|.",
        ),
        (
            "dnet_h1/dw1",
            "the figure is right, and its formula has a slip: it should be i1, where i is printed.",
        ),
    ],
    mismatch: "off its bound: doubt this device's driver, or report it; --device cpu compares.",
    in_place: "This part is in the order of the article's text, whatever --order says. With sequential updates w5+ to w8+ would stand here for w5 to w8, and w1+ would be {w1}.",
    outcome: "Where Training Leads",
    rounds: ["{n} round", "{n} rounds"],
    run: "{rounds}, {order} updates, {biases} biases",
    orders: ["simultaneous", "sequential"],
    biases: ["frozen", "trained"],
    other_run: "The tables of figures keep to the article: 1 and 10,000 rounds, frozen biases.",
    outcome_heads: ["total error", "out_o1", "out_o2"],
    outcome_rows: [
        "after 1 round",
        "after {rounds}",
        "  the same, exact (f64)",
        "targets",
    ],
    mix_up_head: "What the Article Mixed Up",
    mix_up: "The article's text updates all weights at the end of a round, with the gradient taken at the original weights (simultaneous), but the program behind its closing figures had already replaced w5 to w8 when it sent the error back through them to the hidden layer (sequential). So its closing figures are right for that program, which `--order sequential` repeats, and its text leads to {t1} after 1 round and to {t2}, {t3} and {t4} after 10,000.",
    stands_still: "The exact run is ahead: with 7 digits a weight stands still as soon as its updates are smaller than its last digit.",
    tally: "{figures} figures: {match} match, {misprint} misprint, {sequential} sequential, {mismatch} mismatch. Three slips in the formulas change no figure; notes name them.",
    closeness: "In the worked round no computed figure is relatively further from its exact value than {distance} ({symbol}).",
    diverged: "The run left the finite numbers in round {round}: this device does not compute what it was told to.",
    device: ["device: ", ", "],
    gap: " ",
    reasons: [
        "asked for",
        "the best adapter there is",
        "no adapter can be used",
    ],
};
