//! The slips that learners make.

/// A slip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slip {
    /// Biases updated, though the network says that they are not.
    BiasesUpdated,
    /// Biases not updated, though the network says that they are.
    BiasesFrozen,
    /// Hidden deltas from new weights, though the network says from the old ones.
    NewWeights,
    /// Hidden deltas from the old weights, though the network says from new ones.
    OldWeights,
    /// The half of the error left out.
    WithoutHalf,
    /// A half in the error that does not belong there.
    WithHalf,
    /// The sum over outputs for the mean.
    SumOfOutputs,
    /// The sum over rows for the mean.
    SumOfRows,
    /// The rows one at a time, with an update after each.
    RowByRow,
    /// The first row only.
    FirstRowOnly,
    /// The slope of the activation left out everywhere.
    NoSlope,
    /// The slope of the activation left out in the output layer.
    NoOutputSlope,
    /// The slope of the activation left out in the hidden layers.
    NoHiddenSlope,
    /// The gradient added to the weights.
    WrongSign,
    /// target - out for out - target.
    TurnedDifference,
    /// The learning rate left out.
    NoRate,
    /// The learning rate in the derivative already.
    RateInGradient,
    /// The weights read by columns.
    Transposed,
    /// The error taken back along the wrong weights: those of a row for those of a column.
    TransposedBack,
    /// The error taken back through the first output only.
    OneOutputBack,
    /// The error taken back without the weights on the way.
    NoWeightsBack,
    /// The biases left out.
    NoBias,
    /// Another activation.
    OtherActivation(OtherActivation),
    /// Results rounded to so many decimals on the way.
    Rounded(usize),
    /// Cut off, not rounded.
    CutOff,
    /// The value of one round earlier.
    RoundEarlier,
    /// The value of one round later.
    RoundLater,
    /// The value after so many rounds, of a claim that names none.
    OtherRound(usize),
    /// Near, but not to the digits given.
    Near,
}

/// An activation in the place of the network's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtherActivation {
    /// None.
    Identity,
    /// The logistic function.
    Sigmoid,
    /// tanh.
    Tanh,
    /// relu.
    Relu,
}

impl Slip {
    /// Returns its name in data.
    pub fn key(self) -> &'static str {
        match self {
            Slip::BiasesUpdated => "biases-updated",
            Slip::BiasesFrozen => "biases-frozen",
            Slip::NewWeights => "new-weights",
            Slip::OldWeights => "old-weights",
            Slip::WithoutHalf => "without-half",
            Slip::WithHalf => "with-half",
            Slip::SumOfOutputs => "sum-of-outputs",
            Slip::SumOfRows => "sum-of-rows",
            Slip::RowByRow => "row-by-row",
            Slip::FirstRowOnly => "first-row-only",
            Slip::NoSlope => "no-slope",
            Slip::NoOutputSlope => "no-output-slope",
            Slip::NoHiddenSlope => "no-hidden-slope",
            Slip::WrongSign => "wrong-sign",
            Slip::TurnedDifference => "turned-difference",
            Slip::NoRate => "no-rate",
            Slip::RateInGradient => "rate-in-gradient",
            Slip::Transposed => "transposed",
            Slip::TransposedBack => "transposed-back",
            Slip::OneOutputBack => "one-output-back",
            Slip::NoWeightsBack => "no-weights-back",
            Slip::NoBias => "no-bias",
            Slip::OtherActivation(OtherActivation::Identity) => "other-identity",
            Slip::OtherActivation(OtherActivation::Sigmoid) => "other-sigmoid",
            Slip::OtherActivation(OtherActivation::Tanh) => "other-tanh",
            Slip::OtherActivation(OtherActivation::Relu) => "other-relu",
            Slip::Rounded(_) => "rounded",
            Slip::CutOff => "cut-off",
            Slip::RoundEarlier => "round-earlier",
            Slip::RoundLater => "round-later",
            Slip::OtherRound(_) => "other-round",
            Slip::Near => "near",
        }
    }
}
