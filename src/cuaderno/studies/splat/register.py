"""Finds where photos were taken from: pycolmap, in a process of its own. `python -m …register JOB.json`, see photos.py.

Nothing but the standard library and pycolmap is imported here: with Pillow in the same process it has hung and crashed.
It writes one JSON object a line: {"stage", "done", "total"} while it works, {"found"} at the end; each
with the CPU seconds that were spent so far.
"""

import json
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

TOGETHER = {"features": 2, "matches": 24}  # photos, and pairs of them, between two lines
FEWEST_INLIERS = 15  # matches that agree, for two photos to show the same place


def say(**line: Any) -> None:
    print(json.dumps({**line, "cpu_seconds": round(time.process_time(), 2)}), flush=True)


def chunks(items: list, size: int) -> Iterator[list]:
    return (items[at : at + size] for at in range(0, len(items), size))


def main(job: dict[str, Any]) -> None:
    """Features of every photo, matches of every pair, then one photo after the other beside those that stand."""
    import pycolmap

    pycolmap.logging.minloglevel = 2
    database, output = Path(job["database"]), Path(job["output"])
    total = sum(len(group["names"]) for group in job["groups"])
    done = 0
    for group in job["groups"]:
        number = _camera(pycolmap, database, group)
        for names in chunks(group["names"], TOGETHER["features"]):
            _features(pycolmap, job, database, names, number)
            done += len(names)
            say(stage="features", done=done, total=total)
    pairs = job["pairs"]
    for number, some in enumerate(chunks(pairs, TOGETHER["matches"]), 1):
        _matches(pycolmap, job, database, some)
        say(stage="matches", done=min(number * TOGETHER["matches"], len(pairs)), total=len(pairs))
    say(stage="cameras", done=0, total=total, seen=_seen(pycolmap, database))
    models = _mapped(pycolmap, job, database, output, total)
    say(found={number: model.num_reg_images() for number, model in models.items()})


def _camera(pycolmap, database: Path, group: dict[str, Any]) -> int:
    """The number of a new camera in the database, which all photos of a group share."""
    camera = pycolmap.Camera.create_from_model_name(0, _model(group), group["focal"], group["width"], group["height"])
    camera.has_prior_focal_length = group["known"]
    with pycolmap.Database.open(database) as file:
        return file.write_camera(camera)


def _model(group: dict[str, Any]) -> str:
    """A lens with two numbers for its bend; with one where few photos have to tell it."""
    return "RADIAL" if len(group["names"]) >= 12 else "SIMPLE_RADIAL"


def _features(pycolmap, job: dict[str, Any], database: Path, names: list[str], camera: int) -> None:
    options = pycolmap.FeatureExtractionOptions()
    options.num_threads, options.use_gpu = job["threads"], False
    options.sift.max_num_features = job["most_features"]
    reader = pycolmap.ImageReaderOptions(existing_camera_id=camera)
    if job["masks"]:
        reader.mask_path = job["masks"]
    pycolmap.extract_features(
        database, job["pictures"], names, reader_options=reader, extraction_options=options, device=pycolmap.Device.cpu
    )


def _matches(pycolmap, job: dict[str, Any], database: Path, pairs: list[list[str]]) -> None:
    path = database.with_name("pairs.txt")
    path.write_text("".join(f"{one} {other}\n" for one, other in pairs), encoding="utf-8")
    options = pycolmap.FeatureMatchingOptions()
    options.num_threads, options.use_gpu = job["threads"], False
    verification = pycolmap.TwoViewGeometryOptions(min_num_inliers=FEWEST_INLIERS)
    verification.ransac.random_seed = 0
    pycolmap.match_image_pairs(
        database,
        matching_options=options,
        pairing_options=pycolmap.ImportedPairingOptions(match_list_path=path),
        verification_options=verification,
        device=pycolmap.Device.cpu,
    )


def _seen(pycolmap, database: Path) -> dict[str, Any]:
    """How many features each photo has, and which pairs show the same place, by the number of matches that agree."""
    with pycolmap.Database.open(database) as file:
        names = {image.image_id: image.name for image in file.read_all_images()}
        features = {name: file.num_keypoints_for_image(number) for number, name in names.items()}
        pairs, counts = file.read_two_view_geometry_num_inliers()
        both = [[names[one] for one in _two(pycolmap, pair)] for pair in pairs]
    together = [[*two, int(count)] for two, count in zip(both, counts, strict=True) if count >= FEWEST_INLIERS]
    return {"features": features, "together": together}


def _two(pycolmap, pair) -> Iterable[int]:
    """Two numbers of images from what the database calls their pair."""
    return pair if isinstance(pair, tuple | list) else pycolmap.pair_id_to_image_pair(pair)


def _mapped(pycolmap, job: dict[str, Any], database: Path, output: Path, total: int) -> dict:
    options = pycolmap.IncrementalPipelineOptions()
    options.num_threads, options.random_seed, options.min_model_size = job["threads"], 0, 3
    options.max_num_models, options.ba_use_gpu = 5, False
    done = [0]

    def one_more() -> None:
        done[0] += 1
        say(stage="cameras", done=min(done[0], total), total=total)

    return pycolmap.incremental_mapping(
        database, job["pictures"], output, options, initial_image_pair_callback=one_more, next_image_callback=one_more
    )


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
