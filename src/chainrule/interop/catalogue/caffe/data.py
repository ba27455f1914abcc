"""Caffe's data layers: here a network has no layers that read files, but arguments."""

from __future__ import annotations

from ..row import Row

ROWS = (
    Row(
        "Data",
        formula="batches of images and labels from a data base of records (LevelDB, LMDB)",
        here="cr.data.DataLoader",
        arguments="source → a data set (`cr.data.image_folder`, `cr.data.mnist`, any "
        "`cr.data.Dataset`); batch_size → batch_size; prefetch=4 → prefetch=0; transform_param → "
        "transform; backend=LEVELDB, rand_skip=0 → none",
        differences="LevelDB and LMDB are not read: convert such a data base to a folder or an "
        "array once. The last batch is shorter, unless drop_last; there the reader wraps around to "
        "the first record. The position is saved in checkpoints; there it is not",
        code="data = cr.data.ArrayDataset([[0.0], [1.0], [2.0]], [0, 1, 0])\n"
        "[(x.tolist(), y.tolist()) for x, y in cr.data.DataLoader(data, batch_size=2)]",
        gives=[([[0.0], [1.0]], [0, 1]), ([[2.0]], [0])],
    ),
    Row(
        "ImageData",
        formula="batches of the images that a text file lists, one `path label` a line",
        here="cr.data.image_list",
        arguments="source → path; root_folder='' → root (the folder of the list); new_height, "
        "new_width=0 → size; is_color=true → mode='RGB'; batch_size=1, shuffle=false → those of "
        "`cr.data.DataLoader`; rand_skip=0 → none",
        differences="a label that is no whole number is a target, where Caffe drops its fraction. "
        "Channels are red, green, blue; there blue comes first",
        code="import pathlib, tempfile\n"
        "import PIL.Image\n"
        "with tempfile.TemporaryDirectory() as folder:\n"
        "    PIL.Image.new('L', (3, 2), 255).save(f'{folder}/a cat.png')\n"
        "    _ = pathlib.Path(folder, 'train.txt').write_text('a cat.png 1')\n"
        "    data = cr.data.image_list(f'{folder}/train.txt')\n"
        "data.inputs.shape, data.targets",
        gives=((1, 1, 2, 3), [1]),
    ),
    Row(
        "WindowData",
        formula="batches of rectangles cut out of images, as many of objects as fg_fraction says",
        absent="its file of windows belongs to the training of R-CNN (Girshick et al. 2014), which "
        "networks that look at regions themselves have replaced. A `cr.data.Dataset` whose `batch` "
        "cuts and resizes windows does the same in some lines.",
    ),
    Row(
        "HDF5Data",
        formula="batches of the data sets in HDF5 files, floats and several labels a row included",
        here="cr.data.ArrayDataset",
        arguments="source → arrays, as `h5py.File` or `np.load` give them; batch_size, "
        "shuffle=false → those of `cr.data.DataLoader`",
        differences="HDF5 is read by h5py, which is no part of chainrule. Transforms are allowed; "
        "there transform_param is fatal. Shuffling mixes all rows, not only those of one file",
        code="file = {'data': np.array([[1.0, 2.0]]), 'label': np.array([[0.5, 0.25]])}\n"
        "cr.data.ArrayDataset(file['data'], file['label'])[:]",
        gives=([[1.0, 2.0]], [[0.5, 0.25]]),
    ),
    Row(
        "HDF5Output",
        formula="write two inputs to the data sets `data` and `label` of an HDF5 file",
        here="np.savez(file, data=x.numpy(), label=y.numpy())",
        arguments="file_name → the file's name",
        differences="NumPy's format; h5py writes the same arrays to HDF5",
        code="import io\n"
        "x, y, file = cr.tensor([[1.0, 2.0]]), cr.tensor([3]), io.BytesIO()\n"
        "np.savez(file, data=x.numpy(), label=y.numpy())\n"
        "_ = file.seek(0)\n"
        "np.load(file)['data'], np.load(file)['label']",
        gives=([[1.0, 2.0]], [3]),
    ),
    Row(
        "MemoryData",
        formula="batches of arrays in memory",
        here="cr.data.ArrayDataset",
        arguments="Reset(data, labels, n) → inputs, targets; batch_size → that of "
        "`cr.data.DataLoader`; channels, height, width → the arrays' shape",
        differences="labels are integers; there they are floats",
        code="cr.data.ArrayDataset(np.ones((4, 1, 2, 2)), [0, 1, 2, 3])[2]",
        gives=([[[1.0, 1.0], [1.0, 1.0]]], 2),
    ),
    Row(
        "DummyData",
        formula="tensors from fillers",
        here="cr.full, cr.random.normal, cr.random.uniform",
        arguments="shape → shape; data_filler=constant 0 → the function and its arguments",
        differences="none; what is made once is constant, what is drawn in each step is new, there "
        "too",
        code="cr.full((2, 1), 0.5)",
        gives=[[0.5], [0.5]],
    ),
    Row(
        "Input",
        formula="an input of the net",
        here="cr.input",
        arguments="shape → shape",
        differences="a model is a function of its inputs, so that none has to be declared; "
        "`cr.input` declares one where a graph is built before there are values",
        code="x = cr.input('x', (2,))\n"
        "cr.ComputationalGraph(x * 3).forward(x=cr.tensor([1.0, 2.0]))",
        gives=[3.0, 6.0],
    ),
    Row(
        "Parameter",
        formula="a learned tensor as an output",
        here="nn.Parameter",
        arguments="shape → that of the first value",
        differences="none",
        code="w = nn.Parameter(nn.init.zeros((2,)))\nw + cr.tensor([1.0, 2.0])",
        gives=[1.0, 2.0],
    ),
)
