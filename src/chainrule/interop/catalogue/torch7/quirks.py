"""What Torch7 did unlike others, and what is done here."""

from __future__ import annotations

QUIRKS = """
## Peculiarities, kept or not

| there | here |
|---|---|
| `SpatialDropout`, `VolumetricDropout` scale in evaluation, unlike `Dropout` | in training, all |
| `sgd`: dampening is the momentum by default | 0 |
| `BatchNormalization`: γ starts as U(0, 1) | as 1 |
| `SpatialAveragePooling`: stride 1 by default, unlike max pooling | the window, for both |
| `WeightedMSECriterion` scales the target, not the error | kept, as `nn.WeightedMSELoss` |
| `DistKLDivCriterion` averages over elements | kept; `reduction="batchmean"` is the divergence |
| `MultiMarginCriterion` divides by the number of classes | kept, as in PyTorch |
| `Sqrt` ignores eps; its derivative at 0 is 0 | no eps; the derivative at 0 is infinite |
| `L1HingeEmbeddingCriterion`, `PairwiseDistance(1)`: random derivative at 0 | 0 |
| `LookupTable(maxNorm)` changes weights in the forward | kept, as in PyTorch |
| `getParameters()` moves parameters, and breaks earlier aliases | a copy in a vector |
| `CrossEntropyCriterion` squeezes: a batch of 1 is something else | nothing is squeezed |
| bilinear enlargement: code and manual disagree about the size | out = in · scale, as the code |
| `VolumetricDilatedConvolution`: the manual has a typing error in the size | as the code |
| `WeightNorm` adds 1e-4 inside the norm and overwrites gradients | adds nothing; gradients add up |
| `SpatialCrossMapLRN` divides α by the size | kept, as in PyTorch |
| `Abs`: derivative 1 at 0; `ReLU`: 0 | 0 for both |
| maxima: at a tie the first gets the whole gradient | kept for pooling; `cr.max`, merges: shared |
| the running variance is unbiased, the one that normalises is not | kept, as in PyTorch |
| `SparseLinear` counts from 1, and its update touches only used columns | from 0; all rows |
"""
