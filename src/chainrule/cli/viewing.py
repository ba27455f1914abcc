"""``chainrule view``: a model's graph as a page, with values and gradients."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..data import read_image
from ..dtypes import Array
from ..errors import ArgumentError, DataError, ShapeError
from ..graph import ComputationalGraph, Shape
from ..nn import Module
from ..ops.random import manual_seed
from ..viz import model_graph
from ..viz.explorer import explore
from ..viz.explorer.timing import node_milliseconds
from .config import RunConfig, read_config
from .evaluation import trained
from .inspection import dimensions
from .runs import class_name, is_file, load_split, resolve, same_model


@dataclass(frozen=True)
class ViewOptions:
    """What ``chainrule view`` is asked for."""

    checkpoint: Path | None = None
    input: Path | None = None
    output: Path | None = None
    shape: str | None = None
    classes: int | None = None
    values: bool = True
    compiled: bool | None = None
    seed: int = 0
    open: bool = True


def view_model(model: str, options: ViewOptions) -> None:
    """Write the page of a model, and open it in a browser."""
    output = options.output
    if output is not None and output.suffix.lower() not in (".html", ".htm"):
        raise ArgumentError("--output", required="a name that ends in .html", received=str(output))
    manual_seed(options.seed)
    network, dims, config = _network(model, options)
    graph = model_graph(network.eval(), (1, *dims))
    notes, milliseconds = {}, None
    if options.values:
        sample, told = _sample(options, dims, config)
        notes = {"input": told, "gradient of": _run(graph, sample, config)}
        milliseconds = node_milliseconds(graph)
    elif options.input is not None:
        raise ArgumentError("--input", required="values", received="--no-values")
    path = explore(
        graph, output, open=None if options.open else False, compiled=options.compiled,
        title=Path(model).stem if is_file(model) else model, notes=notes, milliseconds=milliseconds,
    )  # fmt: skip
    print(f"{len(graph)} nodes shown in {path}")


def _network(model: str, options: ViewOptions) -> tuple[Module, Shape, RunConfig | None]:
    """Return the model, the shape of its input, and the configuration of the run, if any."""
    if options.checkpoint is None:
        recipe = resolve(model)
        dims, classes = dimensions(recipe, options.shape, options.classes)
        return recipe.build(dims, classes), dims, None
    config = read_config(options.checkpoint)
    if not same_model(model, config.model):
        raise ArgumentError(
            "--checkpoint", required=f"a run of {model}", received=f"one of {config.model}",
            hint=f"chainrule view {config.model} --checkpoint {options.checkpoint}",
        )  # fmt: skip
    network = trained(config, options.checkpoint, best=True).model
    return network, config.input_shape, config


def _run(graph: ComputationalGraph, sample: Array, config: RunConfig | None) -> str:
    """Run forward, and backward from the largest output; say which that is."""
    outputs = graph.forward(sample)
    largest = np.asarray(outputs if graph.single else outputs[0])
    seed = np.zeros_like(largest)
    place = np.unravel_index(int(np.argmax(largest)), largest.shape)
    seed[place] = 1
    first = graph.outputs[0]
    if first.requires_grad:
        graph.backward(seed if graph.single else [seed, *[None] * (len(graph.outputs) - 1)])
    classes = None if config is None else config.classes
    name = class_name(classes, int(place[-1])) if largest.ndim == 2 else str(place)
    return f"the largest output, {name}"


# --- the input -----------------------------------------------------------------------------


def _sample(options: ViewOptions, dims: Shape, config: RunConfig | None) -> tuple[Array, str]:
    """Return one input (1, ...) and what it is: a file, a sample of the run's data, or noise."""
    if options.input is not None:
        return _read(options.input, dims, config), options.input.name
    if config is not None:
        samples = load_split(config.data, config.data_dir, "test")
        return _normalized(samples.batch(np.array([0]))[0], config), "the first test sample"
    noise = np.random.Generator(np.random.Philox(options.seed)).standard_normal((1, *dims))
    return noise.astype(np.float32), f"noise, seed {options.seed}"


def _read(path: Path, dims: Shape, config: RunConfig | None) -> Array:
    if path.suffix.lower() == ".npy":
        try:
            array: Array = np.load(path, allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise DataError(str(path), required="an array in NumPy's format",
                            received=str(error)) from None  # fmt: skip
        if array.shape not in (dims, (1, *dims)):
            raise ShapeError(str(path), required=f"shape {dims}", received=f"shape {array.shape}")
        return array.reshape(1, *dims).astype(np.float32)
    if len(dims) != 3 or dims[0] not in (1, 3):
        raise ArgumentError("--input", required=f"a .npy file of shape {dims}", received=str(path))
    channels, height, width = dims
    pixels = read_image(path, (height, width), "L" if channels == 1 else "RGB")[None]
    return _normalized(pixels, config)


def _normalized(batch: Array, config: RunConfig | None) -> Array:
    """Bring inputs to mean 0 and spread 1: as the run did, or by their own numbers."""
    if config is not None:
        transform = config.normalize()
        changed: Array = transform(batch, np.random.Generator(np.random.Philox(0)))
        return changed.astype(np.float32)
    numbers = batch.astype(np.float32)
    result: Array = (numbers - numbers.mean()) / (numbers.std() or 1)
    return result
