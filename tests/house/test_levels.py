"""The house: who may import whom, no cycles, torch only where tensors live, and what the code must not hold."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import yeoul

SOURCE = Path(yeoul.__file__).parent
FILES = sorted(SOURCE.rglob("*.py"))
LEVELS = {
    0: {"errors", "language", "recipe", "recipefile", "files", "caches", "spreadsheets", "padded", "tree"},
    1: {"text", "metrics", "runs", "kernels", "sound"},
    2: {"data", "layers", "report"},
    3: {"baselines", "models"},
    4: {"decoding"},
    5: {"training"},
    6: {"tasks"},
    7: {"explain", "verify", "export", "session"},
    8: {"api"},
    9: {"serve"},
    10: {"studio"},
    11: {"cli"},
}
LEVEL_OF = {room: level for level, rooms in LEVELS.items() for room in rooms}


def module_of(path):
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path, *, inside_functions=True):
    """Modules that a file imports, those under `if TYPE_CHECKING` left out."""
    tree = ast.parse(path.read_text("utf-8"))
    skipped = {
        child
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for child in ast.walk(node)
    }
    found = set()
    for node in ast.walk(tree) if inside_functions else tree.body:
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def room_of(module):
    parts = module.split(".")
    return parts[1] if parts[0] == "yeoul" and len(parts) > 1 else ""


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_a_room_imports_only_itself_and_lower_levels(path):
    room = room_of(module_of(path))
    if not room:
        return  # the package's own front door
    assert room in LEVEL_OF, f"give {room} a level"
    for module in imports(path):
        other = room_of(module)
        if other in LEVEL_OF and other != room:
            ground = LEVEL_OF[other] == LEVEL_OF[room] == 0
            assert ground or LEVEL_OF[other] < LEVEL_OF[room], f"{module_of(path)} imports {module}"


def test_there_is_no_cycle():
    names = {module_of(path): path for path in FILES}
    edges = {}
    for name, path in names.items():
        found = {module for module in imports(path, inside_functions=False) if module in names}
        # `from room import part` needs the part; the room's own front door only where nothing else was meant
        rooms = {module.rpartition(".")[0] for module in found}
        edges[name] = {module for module in found if module not in rooms and module != name}
    done, path = set(), list[str]()

    def visit(name):
        if name in path:
            raise AssertionError(" → ".join([*path[path.index(name) :], name]))
        if name not in done:
            path.append(name)
            for other in edges[name]:
                visit(other)
            path.pop()
            done.add(name)

    for name in names:
        visit(name)


TORCH_ROOMS = {"kernels", "layers", "models", "decoding", "training", "tasks", "explain", "verify", "export"}
TORCH_ROOMS |= {"session", "api", "serve", "studio"}
TORCH_FILES = {
    "yeoul.padded",
    "yeoul.tree",
    "yeoul.data.batches",
    "yeoul.data.streams",
    "yeoul.data.tag_rows",
}
TORCH_FILES |= {"yeoul.data.measured.window_rows", "yeoul.data.pairs.rows", "yeoul.runs.weights"}
TORCH_FILES |= {"yeoul.data.pictures.rows", "yeoul.data.pictures.vision", "yeoul.data.comparisons.rows"}


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_torch_is_imported_only_where_tensors_live(path):
    name = module_of(path)
    if room_of(name) in TORCH_ROOMS or name in TORCH_FILES:
        return
    assert not {module for module in imports(path, inside_functions=False) if module.split(".")[0] == "torch"}


@pytest.mark.parametrize(
    "command", [["--help"], ["recipes"], ["recipes", "nsmc-lstm"], ["runs"], ["data", "list"]], ids=" ".join
)
def test_light_commands_start_without_torch(command, tmp_path):
    program = (
        "import sys; from yeoul.cli.main import run\n"
        f"assert run({command!r}) == 0\n"
        "assert 'torch' not in sys.modules, 'torch was imported'"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


FORBIDDEN = {"pickle", "joblib", "marshal", "shelve", "dill", "cloudpickle"}


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_nothing_that_runs_code_from_files_or_reaches_the_network(path):
    tree = ast.parse(path.read_text("utf-8"))
    roots = {module.split(".")[0] for module in imports(path)}
    assert not roots & FORBIDDEN
    if module_of(path) != "yeoul.data.catalog":
        assert not roots & {"urllib", "http", "socket", "requests", "httpx"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in {"eval", "exec", "torch.load", "np.load", "numpy.load", "hasattr"}, called
            if called == "print":
                assert room_of(module_of(path)) == "cli"
        assert not isinstance(node, ast.Assert), "input is checked by errors, not by assert"
        if isinstance(node, ast.FunctionDef) and node.args.kwarg is not None:
            assert (module_of(path), node.name) == ("yeoul.api.training", "train"), (
                "no **kwargs in our own signatures"
            )


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_modules_stay_readable(path):
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 400
    if text.strip():
        assert ast.get_docstring(ast.parse(text)), "a module says in a sentence what it is for"


def test_importing_yeoul_opens_no_connection_and_starts_no_process():
    program = (
        "import sys\n"
        "def watch(event, args):\n"
        "    if event.split('.')[0] == 'socket' or event in ('subprocess.Popen', 'os.system', 'os.exec', 'os.fork'):\n"
        "        raise SystemExit(f'{event} {args}')\n"
        "sys.addaudithook(watch)\n"
        "import yeoul\n"
        "yeoul.train, yeoul.layers.LSTM, yeoul.Recipe\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_public_face_is_what_it_says():
    for name in yeoul.__all__:
        assert getattr(yeoul, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = yeoul.nothing
