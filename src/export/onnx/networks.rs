//! The second half of the graph: from the inputs of the networks to the answer.

use super::graph::{Dim, Graph, float, int};
use super::proto::DataType;
use crate::dataset::Scale;
use crate::export::pipeline::{Answer, Pipeline};
use crate::model::{Activation, Link, Mlp, activation::LEAK};

/// Adds the networks on `inputs` (N, inputs), and the outputs of the graph.
pub(super) fn add(graph: &mut Graph, pipeline: &Pipeline, inputs: &str) {
    let many = pipeline.networks.len() > 1;
    let networks = pipeline.networks.iter().enumerate();
    let outputs: Vec<String> = networks
        .map(|(k, mlp)| {
            let prefix = match many {
                true => format!("networks.{k}."),
                false => String::new(),
            };
            let outputs = network(graph, mlp, &prefix, inputs);
            match pipeline.answer {
                Answer::Values(_, Link::Logarithm) => graph.node("Exp", &[&outputs], "means"),
                Answer::Values(_, Link::Logit) => {
                    graph.node("Sigmoid", &[&outputs], "probabilities")
                }
                _ => outputs,
            }
        })
        .collect();
    let outputs = match &outputs[..] {
        [only] => only.clone(),
        many => mean(graph, many, matches!(pipeline.answer, Answer::Logits(_))),
    };
    match pipeline.answer {
        Answer::Logits(classes) => {
            let shares = softmax(graph, &outputs, "softmax");
            answer_class(graph, &outputs, &shares, classes);
        }
        Answer::Shares(classes) => {
            let shares = normalised(graph, &outputs);
            answer_class(graph, &outputs, &shares, classes);
        }
        Answer::Values(scale, _) => answer_values(graph, &outputs, pipeline.targets, scale),
    }
}

/// Adds a network. Its parameters have the names of the model file.
fn network(graph: &mut Graph, mlp: &Mlp, prefix: &str, inputs: &str) -> String {
    let mut value = inputs.to_owned();
    let tensors = mlp.tensors();
    for ((l, layer), pair) in mlp.layers.iter().enumerate().zip(tensors.chunks(2)) {
        let mut named = |(name, shape, values): &(String, Vec<usize>, &[f32])| {
            graph.floats(shape, values, &format!("{prefix}{name}"))
        };
        let (weight, bias) = (named(&pair[0]), named(&pair[1]));
        let name = format!("{prefix}layers.{l}");
        value = graph.node_with(
            "Gemm",
            &[&value, &weight, &bias],
            &format!("{name}.net"),
            vec![int("transB", 1)],
        );
        let name = format!("{name}.out");
        value = match layer.activation {
            Activation::Identity => value,
            Activation::Sigmoid => graph.node("Sigmoid", &[&value], &name),
            Activation::Tanh => graph.node("Tanh", &[&value], &name),
            Activation::Relu => graph.node("Relu", &[&value], &name),
            Activation::LeakyRelu => {
                let slope = vec![float("alpha", LEAK as f32)];
                graph.node_with("LeakyRelu", &[&value], &name, slope)
            }
            // The operators' own constants are SELU's, and 1.
            Activation::Selu => graph.node("Selu", &[&value], &name),
            Activation::Elu => graph.node("Elu", &[&value], &name),
            Activation::Softplus => graph.node("Softplus", &[&value], &name),
            Activation::Gelu | Activation::Silu | Activation::Mish => {
                let share = share_of_net(graph, layer.activation, &value, &name);
                graph.node("Mul", &[&value, &share], &name)
            }
        };
    }
    value
}

/// Adds what an activation multiplies its net input by. Older runtimes have no operators for them.
fn share_of_net(graph: &mut Graph, activation: Activation, net: &str, name: &str) -> String {
    let name = format!("{name}.share");
    match activation {
        Activation::Gelu => {
            let [root, one, half] = [std::f32::consts::FRAC_1_SQRT_2, 1.0, 0.5]
                .map(|value| graph.floats(&[], &[value], "constant of gelu"));
            let scaled = graph.node("Mul", &[net, &root], &name);
            let erf = graph.node("Erf", &[&scaled], &name);
            let twice = graph.node("Add", &[&erf, &one], &name);
            graph.node("Mul", &[&twice, &half], &name)
        }
        Activation::Mish => {
            let softplus = graph.node("Softplus", &[net], &name);
            graph.node("Tanh", &[&softplus], &name)
        }
        _ => graph.node("Sigmoid", &[net], &name),
    }
}

/// Adds the mean over networks, computed in f64: of values, or the logarithms of mean probabilities.
fn mean(graph: &mut Graph, outputs: &[String], logits: bool) -> String {
    let each: Vec<String> = outputs
        .iter()
        .map(|out| {
            let out = graph.cast(out, DataType::Double, "output");
            match logits {
                true => softmax(graph, &out, "probabilities of a network"),
                false => out,
            }
        })
        .collect();
    let each: Vec<&str> = each.iter().map(String::as_str).collect();
    let sum = graph.node("Sum", &each, "sum over networks");
    let count = graph.double(each.len() as f64, "networks");
    let mut mean = graph.node("Div", &[&sum, &count], "mean over networks");
    if logits {
        // The logarithm of 0 is that of the smallest number above it.
        let least = graph.double(f64::MIN_POSITIVE, "smallest probability");
        mean = graph.node("Max", &[&mean, &least], "mean over networks");
        mean = graph.node("Log", &[&mean], "logarithm of the mean");
    }
    graph.cast(&mean, DataType::Float, "outputs")
}

fn softmax(graph: &mut Graph, logits: &str, name: &str) -> String {
    graph.node_with("Softmax", &[logits], name, vec![int("axis", 1)])
}

/// Adds the division of each row by its sum, if that is above 0.
fn normalised(graph: &mut Graph, outputs: &str) -> String {
    let axis = graph.int64s(&[1], &[1], "axis");
    let sum = graph.node("ReduceSum", &[outputs, &axis], "sum of a row");
    let zero = graph.floats(&[], &[0.0], "zero");
    let one = graph.floats(&[], &[1.0], "one");
    let is_positive = graph.node("Greater", &[&sum, &zero], "sum is above 0");
    let sum = graph.node("Where", &[&is_positive, &sum, &one], "divisor of a row");
    graph.node("Div", &[outputs, &sum], "shares")
}

/// Adds the outputs of the graph for classes.
fn answer_class(graph: &mut Graph, outputs: &str, shares: &str, classes: &[String]) {
    let first = vec![int("axis", 1), int("keepdims", 0)];
    let number = graph.node_with("ArgMax", &[outputs], "number of the class", first);
    let names = graph.strings(classes, "classes");
    let label = graph.node("Gather", &[&names, &number], "name of the class");
    let doc = "the most probable class";
    graph.output(&label, "label", DataType::String, &[Dim::Rows], doc);
    let shape = [Dim::Rows, Dim::Of(classes.len())];
    let doc = format!("of the classes {}", classes.join(", "));
    graph.output(shares, "probabilities", DataType::Float, &shape, &doc);
}

/// Adds the output of the graph for values, in the units of the data.
fn answer_values(graph: &mut Graph, outputs: &str, names: &[String], scale: &Scale) {
    let mut values = graph.cast(outputs, DataType::Double, "scaled values");
    if scale.factor.iter().any(|factor| *factor != 1.0) {
        // Whatever is divided by infinity is 0: a constant target becomes its constant.
        let divisors = scale.factor.iter().map(|factor| match factor {
            0.0 => f64::INFINITY,
            factor => *factor,
        });
        let divisors: Vec<f64> = divisors.collect();
        let factor = graph.row(&divisors, "target_scale.factor");
        values = graph.node("Div", &[&values, &factor], "unscaled");
    }
    if scale.shift.iter().any(|shift| *shift != 0.0) {
        let shift = graph.row(&scale.shift, "target_scale.shift");
        values = graph.node("Add", &[&values, &shift], "values");
    }
    let shape = [Dim::Rows, Dim::Of(names.len())];
    let doc = names.join(", ");
    graph.output(&values, "prediction", DataType::Double, &shape, &doc);
}
