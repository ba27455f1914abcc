"""The commands and their options; each calls one function of a module beside this one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="chainrule",
    help="Train, test and look at neural networks as computational graphs.\n\n"
    "Start with: chainrule train lenet",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain text reads well everywhere, in a log too
    context_settings={"help_option_names": ["-h", "--help"]},
)

_NETWORKS = "a name that chainrule models lists, or a Python file that defines 'model'"
Network = Annotated[str, typer.Argument(metavar="MODEL", help=f"{_NETWORKS}.", show_default=False)]
RunFolder = Annotated[
    Path, typer.Argument(metavar="RUN", help="The folder that a training run wrote.")
]
Data = Annotated[
    str,
    typer.Option(
        metavar="DATA", help="mnist, fashion-mnist, cifar10, a .csv file, or a folder of images."
    ),
]
DataDir = Annotated[
    Path | None,
    typer.Option(metavar="FOLDER", help="Where the data set's files are; MNIST is built in."),
]
_OWN = "the model's own"
Shape = Annotated[
    str | None,
    typer.Option(
        metavar="SHAPE",
        help="Shape of one input: channels,height,width, or a number of features.",
        show_default=_OWN,
    ),
]
Outputs = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Classes, or outputs.", show_default=_OWN)
]
Seed = Annotated[int, typer.Option(min=0, metavar="N", help="Seed of all randomness.")]
NoCompile = Annotated[
    bool, typer.Option("--no-compile", help="Compute node by node with NumPy, slower.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print the results only.")]


def _version(flag: bool) -> None:
    if flag:
        from .. import __version__

        print(f"chainrule {__version__}")
        raise typer.Exit(0)


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Offer options that come before a command."""


@app.command(
    epilog="A Python file defines 'model': a Module, or a function (input_shape, classes) that "
    "returns one. It may define loss(outputs, targets), optimizer(parameters), lr, momentum, "
    "weight_decay, epochs and batch_size too."
)
def train(
    context: typer.Context,
    model: Annotated[
        str | None,
        typer.Argument(
            metavar="MODEL",
            help=f"nearest-neighbour, {_NETWORKS} (left out with --resume).",
            show_default=False,
        ),
    ] = None,
    data: Data = "mnist",
    data_dir: DataDir = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="RUN", help="Folder of the run.",
            show_default="runs/MODEL-DATA-1 and counting",
        ),
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(metavar="RUN", help="Go on with a run that was stopped, bit for bit."),
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(min=0, metavar="N", help="Passes over the data; with --resume, in all."),
    ] = None,
    batch_size: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Samples a step.")
    ] = None,
    lr: Annotated[
        float | None, typer.Option(metavar="RATE", help="Highest learning rate.")
    ] = None,
    k: Annotated[
        int, typer.Option("-k", min=1, metavar="N", help="Voters of nearest-neighbour.")
    ] = 1,
    metric: Annotated[
        str, typer.Option(metavar="NAME", help="Distance of nearest-neighbour: L1 or L2.")
    ] = "L2",
    limit: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Use only so many training samples.", show_default="all"
        ),
    ] = None,
    seed: Seed = 0,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Also write a log that TensorBoard reads.")
    ] = False,
    no_compile: NoCompile = False,
    quiet: Quiet = False,
) -> int:  # fmt: skip
    """Train MODEL; write checkpoints, a report, curves and misclassified images.

    Ctrl-C saves and says how to go on.
    """
    if resume is not None:
        _refuse_all_but(context, "resume", "epochs", "quiet")
        from .training import resume_run

        return resume_run(resume, epochs=epochs, quiet=quiet)
    if model is None:
        raise typer.BadParameter("give a model to train, or --resume RUN", param_hint="MODEL")
    if model == "nearest-neighbour":
        from .neighbour import train_neighbour

        return train_neighbour(data, data_dir, output, k=k, metric=metric, limit=limit, quiet=quiet)
    from .training import TrainOptions, start_run

    options = TrainOptions(
        model, data, data_dir, output, epochs, batch_size, lr, limit, seed, tensorboard,
        not no_compile, quiet,
    )  # fmt: skip
    return start_run(options)


def _refuse_all_but(context: typer.Context, *allowed: str) -> None:
    """A run that goes on keeps its options: say so, rather than ignore what is given."""
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        if source is not None and source.name == "COMMANDLINE" and parameter.name not in allowed:
            name = parameter.opts[0] if parameter.opts[0].startswith("-") else "MODEL"
            raise typer.BadParameter("a run that goes on keeps its own", param_hint=name)


@app.command("eval")
def evaluate(
    run: RunFolder,
    data: Annotated[
        str | None,
        typer.Option(
            metavar="DATA", help="Another data set than the run's own.", show_default=False
        ),
    ] = None,
    data_dir: DataDir = None,
    split: Annotated[str, typer.Option(metavar="PART", help="train, test or all.")] = "test",
    last: Annotated[
        bool, typer.Option("--last", help="Use the last weights, not the best.")
    ] = False,
    no_compile: NoCompile = False,
) -> None:
    """Measure the loss and the accuracy of a trained RUN."""
    from .evaluation import evaluate_run

    evaluate_run(run, data, data_dir, split, best=not last, compile=not no_compile)


@app.command()
def predict(
    run: RunFolder,
    images: Annotated[
        list[Path], typer.Argument(metavar="IMAGE", help="Image files of any size.")
    ],
    top: Annotated[
        int, typer.Option(min=1, metavar="N", help="How many classes to show.")
    ] = 3,
    invert: Annotated[
        bool, typer.Option("--invert", help="Exchange dark and light (ink on paper for MNIST).")
    ] = False,
    no_compile: NoCompile = False,
) -> None:  # fmt: skip
    """Tell what a trained RUN sees in each image."""
    from .evaluation import predict_images

    predict_images(run, images, top=top, invert=invert, compile=not no_compile)


@app.command()
def models() -> None:
    """List the models that have a name."""
    from .inspection import list_models

    list_models()


@app.command()
def summary(
    model: Network,
    shape: Shape = None,
    classes: Outputs = None,
    batch_size: Annotated[
        int, typer.Option(min=1, metavar="N", help="Samples to count multiply-adds for.")
    ] = 1,
) -> None:
    """Show the layers of MODEL: output shapes, parameters and multiply-adds."""
    from .inspection import summarize_model

    summarize_model(model, shape, classes, batch_size)


@app.command()
def graph(
    model: Network,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="SVG file to write.",
            show_default="print as text",
        ),
    ] = None,
    shape: Shape = None,
    classes: Outputs = None,
    depth: Annotated[
        int | None,
        typer.Option(
            min=0, metavar="N", help="Levels of modules that are open in the drawing.",
            show_default="what fits on a page",
        ),
    ] = None,
    opened: Annotated[
        list[str] | None,
        typer.Option("--open", metavar="PATH", help="A module to open; may be repeated."),
    ] = None,
) -> None:  # fmt: skip
    """Show the graph of MODEL, as text or as a drawing."""
    from .inspection import draw_model

    draw_model(model, output, shape, classes, depth=depth, opened=opened or ())


@app.command()
def view(
    model: Network,
    checkpoint: Annotated[
        Path | None,
        typer.Option(metavar="RUN", help="Use the weights that a run of this model found."),
    ] = None,
    input: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="What to send through: an image, or an array in a .npy file.",
            show_default="a test sample of the run's data, or noise",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="HTML file to write.",
            show_default="a temporary one",
        ),
    ] = None,
    shape: Shape = None,
    classes: Outputs = None,
    no_values: Annotated[
        bool, typer.Option("--no-values", help="Run nothing; show shapes only.")
    ] = False,
    compiled: Annotated[
        bool | None,
        typer.Option(
            "--compiled/--not-compiled", help="Show the compiled program too.",
            show_default="for up to 300 nodes",
        ),
    ] = None,
    no_open: Annotated[
        bool, typer.Option("--no-open", help="Write the file only; open no browser.")
    ] = False,
    seed: Seed = 0,
) -> None:  # fmt: skip
    """Look at MODEL in a browser: its graph, with values, gradients and the chain rule.

    Writes one HTML file that needs no network.
    """
    from .viewing import ViewOptions, view_model

    view_model(
        model,
        ViewOptions(
            checkpoint, input, output, shape, classes, not no_values, compiled, seed, not no_open
        ),
    )


@app.command()
def check(
    model: Network,
    shape: Shape = None,
    classes: Outputs = None,
    batch_size: Annotated[
        int, typer.Option(min=1, metavar="N", help="Samples in the check.")
    ] = 2,
    regression: Annotated[
        bool, typer.Option("--regression", help="The targets are numbers, not classes.")
    ] = False,
    seed: Seed = 0,
) -> None:  # fmt: skip
    """Compare every gradient of MODEL with finite differences."""
    from .checking import check_model

    check_model(model, shape, classes, batch_size=batch_size, regression=regression, seed=seed)


@app.command("time")
def time_layers(
    model: Network,
    shape: Shape = None,
    classes: Outputs = None,
    batch_size: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Samples a step.", show_default=_OWN),
    ] = None,
    threads: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Threads.", show_default="all cores")
    ] = None,
    repeats: Annotated[
        int, typer.Option(min=1, metavar="N", help="Steps to measure; the mean counts.")
    ] = 20,
    regression: Annotated[
        bool, typer.Option("--regression", help="The targets are numbers, not classes.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the figures as JSON, kernel by kernel too.")
    ] = False,
    seed: Seed = 0,
) -> None:  # fmt: skip
    """Time each layer of MODEL: forward, backward and update of a compiled training step."""
    from .timing import TimeOptions, time_model

    time_model(
        model, TimeOptions(shape, classes, batch_size, threads, repeats, regression, seed), as_json
    )


@app.command()
def doctor() -> int:
    """Say what is installed and whether it works."""
    from .doctor import examine

    return examine()
