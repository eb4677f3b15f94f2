//! The texts of the walk, which each language provides.

/// The sentences of the walk in a language. Names in braces are placeholders.
#[derive(Debug)]
pub struct WalkWords {
    /// Title and subtitle of a learner's network.
    pub homework: [&'static str; 2],
    /// Subtitle of the article's.
    pub subtitle: &'static str,
    /// Heading of the network.
    pub network: &'static str,
    /// What a network is, with `{inputs}`, `{outputs}` and `{hidden}`.
    pub network_text: &'static str,
    /// The hidden neurons, with `{neurons}`; what stands for them if there are none.
    pub hidden: [&'static str; 2],
    /// Between the first and the last of a range of names; between the last two of a list.
    pub ranges: [&'static str; 2],
    /// Between the names of a longer list.
    pub comma: &'static str,
    /// How numbers are shown.
    pub digits: &'static str,
    /// How rows are marked, with `{rows}`.
    pub rows: &'static str,
    /// Names of settings: learning rate, loss, optimizer, momentum.
    pub settings: [&'static str; 4],
    /// Rows of the network's table: input, target, bias, `row {n}`.
    pub table: [&'static str; 4],
    /// What each update order, trained biases (`{biases}`) and frozen biases mean.
    pub plan: [&'static str; 4],
    /// What the network's text, and that of the forward pass, say of biases in `{bias}` if there are any.
    pub and_bias: [&'static str; 2],
    /// The forward pass: heading, text.
    pub forward: [&'static str; 2],
    /// What activations do: identity, sigmoid, tanh, relu, leaky relu, softmax.
    pub activations: [&'static str; 6],
    /// How steep they are, and why: identity, sigmoid, tanh, relu, leaky relu.
    pub slopes: [&'static str; 5],
    /// A layer in a heading: hidden layer, output layer; with `{neurons}`.
    pub layers: [&'static str; 2],
    /// Leaky relu of `{net}`.
    pub leaky: &'static str,
    /// The slope of a relu at `{out}`, which is `{other}` below 0.
    pub corner: &'static str,
    /// The neurons, or weights, that are not spelled out, with `{count}`.
    pub others: [&'static str; 2],
    /// All rows in a table.
    pub all_rows: &'static str,
    /// The error: heading, text.
    pub error: [&'static str; 2],
    /// What losses do: half-sse, mse, mae, huber, cross-entropy.
    pub losses: [&'static str; 5],
    /// After the errors of one row; of several.
    pub total: [&'static str; 2],
    /// The backward pass of the output layer: heading, text.
    pub output: [&'static str; 2],
    /// The text of the output layer with cross-entropy.
    pub output_softmax: &'static str,
    /// The backward pass of a hidden layer, with `{neurons}`: heading, text.
    pub back: [&'static str; 2],
    /// Heading of the only hidden layer.
    pub back_only: &'static str,
    /// What the text of a hidden layer says of the weights above: old, new.
    pub back_order: [&'static str; 2],
    /// Above the deltas, with `{neurons}`; above the weights.
    pub steps: [&'static str; 2],
    /// Adam's step.
    pub adam: &'static str,
    /// The velocity of momentum, with `{momentum}`.
    pub momentum: &'static str,
    /// What the partial derivative of `{w}` says: positive, negative, zero.
    pub signs: [&'static str; 3],
    /// The biases: trained, frozen.
    pub biases: [&'static str; 2],
    /// The end of the round: heading, text with `{before}` and `{after}` where the error falls, where it rises.
    pub round: [&'static str; 3],
    /// Columns of its table: before, partial derivative, after.
    pub round_heads: [&'static str; 3],
    /// Round after round: heading, text.
    pub course: [&'static str; 2],
    /// Heads: rounds, error, outputs of row 1 (`{n}`), weights.
    pub course_heads: [&'static str; 4],
    /// The run left the finite numbers, with `{round}`.
    pub diverged: &'static str,
    /// The device's values of a section: one figure off (`{name}`), with `{count}` and `{distance}`.
    pub device: &'static str,
    /// Values beyond their bound.
    pub device_off: &'static str,
    /// `exact`, `this device`.
    pub device_heads: [&'static str; 2],
    /// A note on the article's print, with `{printed}` and `{name}`.
    pub printed: &'static str,
    /// The end of the article's walk: heading, text.
    pub article_end: [&'static str; 2],
    /// The end of a learner's: heading, after rounds on the device and exactly.
    pub end: [&'static str; 3],
    /// Claims: heading, right, slip, wrong.
    pub claims: [&'static str; 4],
    /// Before several slips: each alone gives the number.
    pub one_of: &'static str,
    /// Too few digits: after a right number that a slip has as well; of a wrong one that fits different slips.
    pub few_digits: [&'static str; 2],
    /// How to claim the value of another round, `{name}`.
    pub name_round: &'static str,
    /// After the verdict: the right value `{right}`.
    pub right_is: &'static str,
    /// The number is that of another quantity, `{name}`.
    pub other: &'static str,
    /// Waits for a key.
    pub step: &'static str,
    /// What slips are: key, sentence.
    pub slips: &'static [(&'static str, &'static str)],
}
