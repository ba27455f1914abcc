"""The table of Torch7 has every name of its listing, and those that others build upon."""

from __future__ import annotations

from chainrule.interop.catalogue import TORCH7

CLASSES = {
    "Base classes": """
        Module Container Decorator Criterion
    """,
    "Containers and decorators": """
        Sequential Parallel Concat DepthConcat ConcatTable ParallelTable MapTable Bottle Convert
        WeightNorm DontCast GPU NaN Profile CriterionTable
    """,
    "Transfer functions": """
        Threshold ReLU ReLU6 CReLU PReLU RReLU LeakyReLU ELU HardTanh Clamp HardShrink SoftShrink
        TanhShrink Tanh Sigmoid LogSigmoid SoftPlus SoftSign SoftMax SoftMin LogSoftMax
        SpatialSoftMax SpatialLogSoftMax GatedLinearUnit Maxout
    """,
    "Simple layers with parameters": """
        Linear LinearWeightNorm SparseLinear IndexLinear PartialLinear Bilinear Add Mul CAdd CMul
        Euclidean WeightedEuclidean Cosine LookupTable Kmeans
    """,
    "Shape, selection, reduction, functions of elements": """
        Identity Reshape View Contiguous Copy Transpose Unsqueeze Squeeze Collapse Replicate Narrow
        Select Index MaskedSelect Padding Max Min Mean Sum Exp Log Abs Power Square Sqrt AddConstant
        MulConstant Constant OneHot Dropout SpatialDropout VolumetricDropout WhiteNoise
        GradientReversal ZeroGrad L1Penalty BatchNormalization LayerNormalization Normalize
        PrintSize
    """,
    "Tables and distances": """
        JoinTable SplitTable SelectTable NarrowTable FlattenTable ZipTable ZipTableOneToMany
        MixtureTable CAddTable CSubTable CMulTable CDivTable CMaxTable CMinTable CAddTensorTable MM
        MV DotProduct CosineDistance PairwiseDistance
    """,
    "Temporal": """
        TemporalConvolution TemporalRowConvolution TemporalSubSampling TemporalMaxPooling
        TemporalDynamicKMaxPooling
    """,
    "Spatial": """
        SpatialConvolution SpatialConvolutionMM SpatialConvolutionLocal SpatialConvolutionMap
        SpatialDepthWiseConvolution SpatialDilatedConvolution SpatialFullConvolution
        SpatialFullConvolutionMap SpatialMaxPooling SpatialDilatedMaxPooling SpatialAveragePooling
        SpatialAdaptiveMaxPooling SpatialAdaptiveAveragePooling SpatialFractionalMaxPooling
        SpatialLPPooling SpatialMaxUnpooling SpatialSubSampling SpatialSubtractiveNormalization
        SpatialDivisiveNormalization SpatialContrastiveNormalization SpatialCrossMapLRN
        SpatialBatchNormalization SpatialZeroPadding SpatialReflectionPadding
        SpatialReplicationPadding SpatialUpSamplingNearest SpatialUpSamplingBilinear PixelShuffle
        FeatureLPPooling
    """,
    "Volumetric": """
        VolumetricConvolution VolumetricDilatedConvolution VolumetricFullConvolution
        VolumetricMaxPooling VolumetricDilatedMaxPooling VolumetricAveragePooling
        VolumetricFractionalMaxPooling VolumetricMaxUnpooling VolumetricBatchNormalization
        VolumetricReplicationPadding UpSampling
    """,
    "Criterions": """
        MSECriterion AbsCriterion SmoothL1Criterion ClassNLLCriterion SpatialClassNLLCriterion
        CrossEntropyCriterion ClassSimplexCriterion BCECriterion DistKLDivCriterion
        HingeEmbeddingCriterion L1HingeEmbeddingCriterion CosineEmbeddingCriterion MarginCriterion
        SoftMarginCriterion MultiMarginCriterion MultiLabelMarginCriterion
        MultiLabelSoftMarginCriterion MarginRankingCriterion DistanceRatioCriterion
        WeightedMSECriterion SpatialAutoCropMSECriterion L1Cost MultiCriterion ParallelCriterion
        ModuleCriterion
    """,
    "Trainer": """
        StochasticGradient
    """,
}
ALGORITHMS = """
    sgd adagrad adadelta adam adamax rmsprop nag rprop asgd cg lbfgs FistaLS cmaes de
"""


def test_it_has_exactly_the_190_classes() -> None:
    listed = [name for text in CLASSES.values() for name in text.split()]
    assert len(set(listed)) == len(listed) == 190
    others = (".", ":")  # optim.sgd, Module:clone
    found = [r.name for r in TORCH7.rows if not any(mark in r.name for mark in others)]
    assert sorted(found) == sorted(listed)


def test_it_has_the_14_algorithms() -> None:
    names = {row.name for row in TORCH7.rows}
    assert len(ALGORITHMS.split()) == 14
    assert {f"optim.{name}" for name in ALGORITHMS.split()} <= names


def test_absent_is_only_what_has_no_meaning_here() -> None:
    absent = {row.name for row in TORCH7.rows if row.absent}
    classes = {name for text in CLASSES.values() for name in text.split()}
    assert absent & classes == {"Contiguous", "DontCast", "GPU"}
