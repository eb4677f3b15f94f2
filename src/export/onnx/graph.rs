//! Builds the graph of an ONNX file, node by node.

use super::proto::{
    AttributeProto, AttributeType, DataType, DimensionProto, GraphProto, NodeProto, Size,
    TensorProto, TensorShapeProto, TensorTypeProto, TypeProto, ValueInfoProto,
};
use std::collections::HashSet;

/// The domain of the operators beside the standard ones.
pub(super) const ML: &str = "ai.onnx.ml";

/// A graph that grows. Values are known by their names.
#[derive(Default)]
pub(super) struct Graph {
    proto: GraphProto,
    taken: HashSet<String>,
}

/// The size of a dimension: a number, or any number of rows.
#[derive(Clone, Copy)]
pub(super) enum Dim {
    Rows,
    Of(usize),
}

impl Graph {
    /// Returns the graph under a name.
    pub(super) fn finish(mut self, name: &str) -> GraphProto {
        self.proto.name = name.to_owned();
        self.proto
    }

    /// Adds an input. Inputs come first: they keep their names.
    pub(super) fn input(&mut self, name: &str, of: DataType, shape: &[Dim], doc: &str) -> String {
        let name = self.free(name, "input");
        self.proto.input.push(value_info(&name, of, shape, doc));
        name
    }

    /// Makes `value` an output, which is called `name`, or something else if that is taken.
    pub(super) fn output(
        &mut self,
        value: &str,
        name: &str,
        of: DataType,
        shape: &[Dim],
        doc: &str,
    ) {
        let name = self.free(name, "output");
        self.proto.output.push(value_info(&name, of, shape, doc));
        self.push("Identity", "", &[value], name, Vec::new());
    }

    /// Adds a node with one output. Returns the name of the output.
    pub(super) fn node(&mut self, operator: &str, inputs: &[&str], name: &str) -> String {
        self.node_with(operator, inputs, name, Vec::new())
    }

    /// Adds a node with attributes.
    pub(super) fn node_with(
        &mut self,
        operator: &str,
        inputs: &[&str],
        name: &str,
        attributes: Vec<AttributeProto>,
    ) -> String {
        let output = self.free(name, "");
        self.push(operator, "", inputs, output.clone(), attributes);
        output
    }

    /// Adds a node that is none of the standard operators.
    pub(super) fn ml_node(
        &mut self,
        operator: &str,
        inputs: &[&str],
        name: &str,
        attributes: Vec<AttributeProto>,
    ) -> String {
        let output = self.free(name, "");
        self.push(operator, ML, inputs, output.clone(), attributes);
        output
    }

    /// Joins values side by side.
    pub(super) fn side_by_side(&mut self, values: &[String], name: &str) -> String {
        match values {
            [only] => only.clone(),
            _ => {
                let values: Vec<&str> = values.iter().map(String::as_str).collect();
                self.node_with("Concat", &values, name, vec![int("axis", 1)])
            }
        }
    }

    /// Picks columns of a value that has `width` of them.
    pub(super) fn pick(
        &mut self,
        value: &str,
        width: usize,
        columns: &[usize],
        name: &str,
    ) -> String {
        if columns.iter().copied().eq(0..width) {
            return value.to_owned();
        }
        let columns: Vec<i64> = columns.iter().map(|c| *c as i64).collect();
        let columns = self.int64s(&[columns.len()], &columns, &format!("{name} columns"));
        self.node_with("Gather", &[value, &columns], name, vec![int("axis", 1)])
    }

    /// Converts a value to numbers of another type.
    pub(super) fn cast(&mut self, value: &str, to: DataType, name: &str) -> String {
        self.node_with("Cast", &[value], name, vec![int("to", to as i64)])
    }

    pub(super) fn floats(&mut self, shape: &[usize], values: &[f32], name: &str) -> String {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.tensor(DataType::Float, shape, bytes, name)
    }

    /// A row of numbers.
    pub(super) fn row(&mut self, values: &[f64], name: &str) -> String {
        self.doubles(&[1, values.len()], values, name)
    }

    pub(super) fn double(&mut self, value: f64, name: &str) -> String {
        self.doubles(&[], &[value], name)
    }

    fn doubles(&mut self, shape: &[usize], values: &[f64], name: &str) -> String {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.tensor(DataType::Double, shape, bytes, name)
    }

    pub(super) fn int64s(&mut self, shape: &[usize], values: &[i64], name: &str) -> String {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.tensor(DataType::Int64, shape, bytes, name)
    }

    pub(super) fn strings(&mut self, values: &[String], name: &str) -> String {
        let name = self.free(name, "");
        self.proto.initializer.push(TensorProto {
            dims: vec![values.len() as i64],
            data_type: DataType::String as i32,
            string_data: values.iter().map(|v| v.clone().into_bytes()).collect(),
            name: name.clone(),
            raw_data: None,
        });
        name
    }

    fn tensor(&mut self, of: DataType, shape: &[usize], bytes: Vec<u8>, name: &str) -> String {
        let name = self.free(name, "");
        self.proto.initializer.push(TensorProto {
            dims: shape.iter().map(|size| *size as i64).collect(),
            data_type: of as i32,
            string_data: Vec::new(),
            name: name.clone(),
            raw_data: Some(bytes),
        });
        name
    }

    fn push(
        &mut self,
        operator: &str,
        domain: &str,
        inputs: &[&str],
        output: String,
        attributes: Vec<AttributeProto>,
    ) {
        self.proto.node.push(NodeProto {
            input: inputs.iter().map(|input| (*input).to_owned()).collect(),
            name: output.clone(),
            output: vec![output],
            op_type: operator.to_owned(),
            attribute: attributes,
            domain: domain.to_owned(),
        });
    }

    /// Returns `name`, or if it is taken, `name` with something behind it. Columns may have any name.
    fn free(&mut self, name: &str, behind: &str) -> String {
        let mut free = name.to_owned();
        let mut count = 1;
        while free.is_empty() || !self.taken.insert(free.clone()) {
            free = match (behind, count) {
                ("", _) => format!("{name} {}", count + 1),
                (_, 1) => format!("{name}_{behind}"),
                (_, _) => format!("{name}_{behind}{count}"),
            };
            count += 1;
        }
        free
    }
}

/// An attribute that is a whole number.
pub(super) fn int(name: &str, value: i64) -> AttributeProto {
    AttributeProto {
        i: Some(value),
        ..attribute(name, AttributeType::Int)
    }
}

/// An attribute that is a number.
pub(super) fn float(name: &str, value: f32) -> AttributeProto {
    AttributeProto {
        f: Some(value),
        ..attribute(name, AttributeType::Float)
    }
}

/// An attribute that is a list of whole numbers.
pub(super) fn ints(name: &str, values: Vec<i64>) -> AttributeProto {
    AttributeProto {
        ints: values,
        ..attribute(name, AttributeType::Ints)
    }
}

/// An attribute that is a list of strings.
pub(super) fn strings<'s>(
    name: &str,
    values: impl IntoIterator<Item = &'s String>,
) -> AttributeProto {
    let values = values.into_iter();
    AttributeProto {
        strings: values.map(|value| value.clone().into_bytes()).collect(),
        ..attribute(name, AttributeType::Strings)
    }
}

fn attribute(name: &str, of: AttributeType) -> AttributeProto {
    AttributeProto {
        name: name.to_owned(),
        r#type: of as i32,
        ..AttributeProto::default()
    }
}

fn value_info(name: &str, of: DataType, shape: &[Dim], doc: &str) -> ValueInfoProto {
    let dim = |dim: &Dim| DimensionProto {
        value: Some(match dim {
            Dim::Rows => Size::DimParam("N".to_owned()),
            Dim::Of(size) => Size::DimValue(*size as i64),
        }),
    };
    ValueInfoProto {
        name: name.to_owned(),
        r#type: Some(TypeProto {
            tensor_type: Some(TensorTypeProto {
                elem_type: of as i32,
                shape: Some(TensorShapeProto {
                    dim: shape.iter().map(dim).collect(),
                }),
            }),
        }),
        doc_string: doc.to_owned(),
    }
}
