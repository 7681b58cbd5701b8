"""What a Helixer-type network is made of: an ordered description that needs no neural-network library.

Every model file reduces to a `NetworkGraph`: a trunk (convolutions, pooling by reshape, bidirectional LSTMs) and a head
(one or two dense layers, softmax). `network` builds Keras models from it, `model_config` reads and writes it as JSON,
`engines` run it.
"""

from dataclasses import dataclass
from math import prod

from helixtune.errors import ParameterError

BASES = 4  # input channels C, A, T, G
CLASSES = 4  # intergenic, UTR, CDS, intron; as many phase classes: none, 0, 1, 2

# 50 times the full-size published network (2.1 million): anything larger is a mistake or an attack on memory.
MAX_PARAMETERS = 100_000_000
MAX_SIZE = 1_000_000  # of any one dimension; keeps the arithmetic on a hostile file's numbers small


@dataclass(frozen=True)
class Convolution:
    """1-D convolution over bases, stride 1, "same" padding ((kernel_size - 1) // 2 on the left), ReLU."""

    name: str
    filters: int
    kernel_size: int


@dataclass(frozen=True)
class Normalisation:
    """Batch normalisation over channels, with centre and scale."""

    name: str
    momentum: float = 0.99
    epsilon: float = 0.001


@dataclass(frozen=True)
class Pooling:
    """Concatenation of `pool_size` consecutive positions into one time step (a reshape, no maximum)."""

    name: str
    pool_size: int


@dataclass(frozen=True)
class Dropout:
    """Dropout of single values while training."""

    name: str
    rate: float


@dataclass(frozen=True)
class BidirectionalLSTM:
    """Forward and backward LSTM (tanh, sigmoid gates), outputs concatenated: 2 × units values a time step."""

    name: str
    units: int


@dataclass(frozen=True)
class Dense:
    """Linear layer with bias."""

    name: str
    units: int


TrunkLayer = Convolution | Normalisation | Pooling | Dropout | BidirectionalLSTM


@dataclass(frozen=True)
class NetworkShape:
    """Size of a network that is built from scratch; defaults are upstream's.

    `coverage_tracks` counts BAM files (each adds coverage and spliced coverage, two channels).
    """

    cnn_layers: int = 1
    filter_depth: int = 32
    kernel_size: int = 26
    pool_size: int = 9
    lstm_layers: int = 1
    units: int = 32
    dropout1: float = 0.0
    dropout2: float = 0.0
    coverage_tracks: int = 0
    has_phase: bool = True

    def __post_init__(self):
        for field in ("cnn_layers", "filter_depth", "kernel_size", "lstm_layers", "units"):
            _require_size(field, getattr(self, field), at_least=1)
        _require_size("pool_size", self.pool_size, at_least=2)
        _require_size("coverage_tracks", self.coverage_tracks, at_least=0)
        for field in ("dropout1", "dropout2"):
            _require_rate(field, getattr(self, field))


@dataclass(frozen=True)
class NetworkGraph:
    """A whole network in order; checks that its parts fit together.

    `head` holds the output layer, preceded by the hidden layer if there is one. With `coverage_tracks` the coverage of a
    time step (2 × tracks × pool_size values) is joined to the trunk's output before the head.
    """

    trunk: tuple[TrunkLayer, ...]
    head: tuple[Dense, ...]
    pool_size: int
    has_phase: bool = True
    coverage_tracks: int = 0

    def __post_init__(self):
        _require_size("pool_size", self.pool_size, at_least=2)
        _require_size("coverage_tracks", self.coverage_tracks, at_least=0)
        for layer in (*self.trunk, *self.head):
            _check_layer(layer)
        names = [layer.name for layer in (*self.trunk, *self.head)]
        if len(set(names)) < len(names):
            raise ParameterError("two layers have the same name")
        self._check_order()
        if count_parameters(self) > MAX_PARAMETERS:
            raise ParameterError(f"the network has more than {MAX_PARAMETERS:,} parameters")

    def _check_order(self):
        poolings = [i for i, layer in enumerate(self.trunk) if isinstance(layer, Pooling)]
        if len(poolings) != 1 or self.trunk[poolings[0]].pool_size != self.pool_size:
            raise ParameterError(f"exactly one reshape that joins {self.pool_size} positions is expected")
        before, after = self.trunk[: poolings[0]], self.trunk[poolings[0] + 1 :]
        if not before or not all(isinstance(layer, Convolution | Normalisation) for layer in before):
            raise ParameterError("convolutions and batch normalisation are expected before the pooling")
        if not all(isinstance(layer, Dropout | BidirectionalLSTM) for layer in after):
            raise ParameterError("bidirectional LSTM and dropout are expected after the pooling")
        if len(self.head) not in (1, 2) or self.head[-1].units != self.output_width:
            raise ParameterError(f"a last dense layer of {self.output_width} units is expected")

    @property
    def input_channels(self) -> int:
        """Values per base: the four bases, then coverage of every BAM, then spliced coverage of every BAM."""
        return BASES + 2 * self.coverage_tracks

    @property
    def output_width(self) -> int:
        """Units of the last dense layer: (genic + phase) classes of every base of a time step."""
        return self.pool_size * CLASSES * (2 if self.has_phase else 1)

    @property
    def coverage_width(self) -> int:
        """Coverage values of one time step."""
        return self.pool_size * 2 * self.coverage_tracks


def graph_of_shape(shape: NetworkShape) -> NetworkGraph:
    """Lay out the layers of a network from scratch, with the names that Helixer's files use."""
    trunk: list[TrunkLayer] = []
    for i in range(shape.cnn_layers):
        if i:
            trunk.append(Normalisation(numbered("batch_normalization", i - 1)))
        trunk.append(Convolution(numbered("conv1d", i), shape.filter_depth, shape.kernel_size))
    trunk.append(Pooling("reshape", shape.pool_size))
    if shape.dropout1 > 0:
        trunk.append(Dropout("dropout", shape.dropout1))
    trunk += [BidirectionalLSTM(numbered("bidirectional", i), shape.units) for i in range(shape.lstm_layers)]
    if shape.dropout2 > 0:
        trunk.append(Dropout(numbered("dropout", int(shape.dropout1 > 0)), shape.dropout2))
    width = shape.pool_size * CLASSES * (2 if shape.has_phase else 1)
    head = (Dense("dense", width),)
    return NetworkGraph(tuple(trunk), head, shape.pool_size, shape.has_phase, shape.coverage_tracks)


def numbered(name: str, index: int) -> str:
    """Name the index-th layer of a kind the way Keras does: `conv1d`, `conv1d_1`, `conv1d_2`."""
    return f"{name}_{index}" if index else name


def weight_shapes(graph: NetworkGraph) -> dict[str, tuple[tuple[int, ...], ...]]:
    """Return the shapes of every layer's weight arrays, in the order in which Keras stores them.

    Convolution kernel (K, in, out) and bias; normalisation gamma, beta, moving mean, moving variance; LSTM (forward, then
    backward) kernel (in, 4U), recurrent kernel (U, 4U), bias (4U,), gates i, f, c, o; dense kernel (in, out) and bias.
    """
    shapes, width = {}, BASES
    for layer in graph.trunk:
        layer_shapes, width = _shapes_and_width(layer, width)
        shapes[layer.name] = layer_shapes
    width += graph.coverage_width
    for layer in graph.head:
        layer_shapes, width = _shapes_and_width(layer, width)
        shapes[layer.name] = layer_shapes
    return shapes


def trunk_width(graph: NetworkGraph) -> int:
    """Return the number of values a time step that the trunk hands to the head."""
    width = BASES
    for layer in graph.trunk:
        _, width = _shapes_and_width(layer, width)
    return width


def count_parameters(graph: NetworkGraph) -> int:
    """Return the number of weights, moving statistics included."""
    return sum(prod(shape) for shapes in weight_shapes(graph).values() for shape in shapes)


def _shapes_and_width(layer, width):
    match layer:
        case Convolution():
            return ((layer.kernel_size, width, layer.filters), (layer.filters,)), layer.filters
        case Normalisation():
            return ((width,),) * 4, width
        case Pooling():
            return (), width * layer.pool_size
        case BidirectionalLSTM():
            gates = 4 * layer.units
            return ((width, gates), (layer.units, gates), (gates,)) * 2, 2 * layer.units
        case Dense():
            return ((width, layer.units), (layer.units,)), layer.units
    return (), width


def _check_layer(layer):
    if not layer.name or "/" in layer.name:
        raise ParameterError(f"a layer name {layer.name!r} is empty or holds a slash")
    for field in ("filters", "kernel_size", "pool_size", "units"):
        if hasattr(layer, field):
            _require_size(f"{layer.name}: {field}", getattr(layer, field), at_least=1)
    match layer:
        case Dropout():
            _require_rate(layer.name, layer.rate)
        case Normalisation() if not (0 <= layer.momentum <= 1 and 0 < layer.epsilon < 1):
            raise ParameterError(f"{layer.name}: momentum {layer.momentum} or epsilon {layer.epsilon} is out of range")


def _require_size(name, value, at_least):
    if isinstance(value, bool) or not isinstance(value, int) or not at_least <= value <= MAX_SIZE:
        raise ParameterError(f"{name} is {value!r}; a whole number from {at_least} to {MAX_SIZE:,} is expected")


def _require_rate(name, value):
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1:
        raise ParameterError(f"{name} is {value!r}; a dropout rate from 0 to below 1 is expected")
