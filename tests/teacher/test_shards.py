import multiprocessing
import os
import pickle
import resource
import shutil
import signal
import subprocess
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab

from spacy_distill.errors import UserError
from spacy_distill.io import count_docs, read_docs
from spacy_distill.teacher import shards
from spacy_distill.teacher.journal import HEADER, Journal, recover
from spacy_distill.teacher.shards import ShardWriter

VOCAB = Vocab()
APP = """
import os
from pathlib import Path
from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab
from spacy_distill.teacher.shards import ShardWriter

writer = ShardWriter(Path("live"), shard_size=100, max_seconds=60)
packed = lambda text: DocBin(docs=[Doc(Vocab(), words=[text])], store_user_data=True)
writer.add(packed("before"))
child = os.fork()
writer.add(packed("after" if child else "child"))
if child:
    os.waitpid(child, 0)
"""
FORK = multiprocessing.get_context("fork") if hasattr(os, "fork") else None
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")


def packed(text):
    return DocBin(docs=[Doc(VOCAB, words=text.split())], store_user_data=True)


def texts_in(folder):
    return sorted(doc.text.strip() for doc in read_docs(folder, VOCAB))


def in_fork(function, *args):
    process = FORK.Process(target=function, args=args)
    process.start()
    process.join(60)
    return process.exitcode


def add_and_die(writer, texts):
    for text in texts:
        writer.add(packed(text))
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture
def writer(tmp_path):
    writer = ShardWriter(tmp_path / "live", shard_size=3, max_seconds=60)
    yield writer
    writer.close()


def test_writer_makes_nothing_before_the_first_doc(writer):
    writer.close()
    assert not writer.folder.exists()


def test_writer_closes_full_shards(writer):
    for i in range(7):
        writer.add(packed(f"text {i}"))
    assert count_docs(writer.folder) == 6
    writer.close()
    assert [len(DocBin().from_disk(path)) for path in sorted(writer.folder.iterdir())] == [3, 3, 1]
    assert [doc.text.strip() for doc in read_docs(writer.folder, VOCAB)] == [
        f"text {i}" for i in range(7)
    ]


def test_writer_closes_old_shards(tmp_path):
    writer = ShardWriter(tmp_path, shard_size=100, max_seconds=1e-9)
    writer.add(packed("old"))
    writer.add(packed("new"))
    assert texts_in(tmp_path) == ["old"]
    writer.close()


def test_writer_closes_shards_of_many_tokens(tmp_path, monkeypatch):
    monkeypatch.setattr(shards, "MAX_TOKENS", 6)
    writer = ShardWriter(tmp_path, shard_size=100, max_seconds=60)
    writer.add(packed("one two three"))
    assert not list(tmp_path.glob("*.spacy"))
    writer.add(packed("one two three"))
    assert count_docs(tmp_path) == 2


def test_writer_goes_on_after_close(writer):
    for text in ("one", "two"):
        writer.add(packed(text))
        writer.close()
    assert texts_in(writer.folder) == ["one", "two"]


@pytest.mark.parametrize(("shard_size", "max_seconds"), [(0, 60), (-1, 60), (1, 0), (1, -1.0)])
def test_writer_refuses_limits_that_hold_nothing(tmp_path, shard_size, max_seconds):
    with pytest.raises(UserError, match=f"shard_size = {shard_size}, max_seconds = {max_seconds}"):
        ShardWriter(tmp_path, shard_size=shard_size, max_seconds=max_seconds)


def test_writer_refuses_a_file(tmp_path):
    path = tmp_path / "file"
    path.write_text("", encoding="utf8")
    with pytest.raises(UserError, match="is a file; name a folder"):
        ShardWriter(path, shard_size=1, max_seconds=1)


def test_writer_pickles_without_what_is_open(writer):
    writer.add(packed("mine"))
    writer.count("kept")
    copy = pickle.loads(pickle.dumps(writer))
    copy.add(packed("the copy's"))
    copy.close()
    assert (copy.counts, texts_in(writer.folder)) == ({}, ["the copy's"])


def test_writer_given_up_leaves_a_shard(tmp_path):
    writer = ShardWriter(tmp_path, shard_size=100, max_seconds=60)
    writer.add(packed("one"))
    del writer
    assert texts_in(tmp_path) == ["one"]


def test_writer_takes_docs_from_many_threads(writer):
    def add_all(start):
        for i in range(start, start + 25):
            writer.add(packed(f"text {i}"))
            writer.count("kept")

    threads = [threading.Thread(target=add_all, args=(start,)) for start in range(0, 100, 25)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.close()
    assert texts_in(writer.folder) == sorted(f"text {i}" for i in range(100))
    assert writer.counts == {"kept": 100}


def test_readers_see_complete_shards_only(writer):
    done = threading.Event()
    seen = []

    def read():
        while not done.is_set():
            if writer.folder.is_dir() and list(writer.folder.glob("*.spacy")):
                seen.append(count_docs(writer.folder))

    thread = threading.Thread(target=read)
    thread.start()
    for i in range(60):
        writer.add(packed(f"text {i}"))
    done.set()
    thread.join()
    seen.append(count_docs(writer.folder))
    assert {n % 3 for n in seen} == {0}
    assert seen == sorted(seen)


def test_killed_process_loses_nothing(writer):
    exitcode = in_fork(add_and_die, writer, ["one", "two", "three", "four", "five"])
    assert (exitcode, texts_in(writer.folder)) == (-signal.SIGKILL, ["one", "three", "two"])
    writer.close()
    assert texts_in(writer.folder) == ["five", "four", "one", "three", "two"]
    assert not list(writer.folder.glob("*.open"))


def test_killed_process_is_recovered_by_the_next_that_collects(writer):
    in_fork(add_and_die, writer, ["one"])
    writer.add(packed("two"))
    assert texts_in(writer.folder) == ["one"]


def test_fork_has_a_journal_of_its_own(writer):
    def add_one():
        writer.add(packed("child"))

    writer.add(packed("before"))
    assert in_fork(add_one) == 0
    assert texts_in(writer.folder) == ["child"]
    writer.add(packed("after"))
    writer.close()
    assert texts_in(writer.folder) == ["after", "before", "child"]


def test_fork_does_not_wait_for_a_lock_of_its_parent(writer):
    with writer._lock:
        assert in_fork(add_and_die, writer, ["one"]) == -signal.SIGKILL
    writer.close()
    assert texts_in(writer.folder) == ["one"]


def test_processes_that_exit_leave_shards(tmp_path):
    subprocess.run([sys.executable, "-c", APP], cwd=tmp_path, check=True, timeout=120)
    assert texts_in(tmp_path / "live") == ["after", "before", "child"]
    assert [len(DocBin().from_disk(path)) for path in sorted((tmp_path / "live").iterdir())] == [
        2,
        1,
    ]


def test_journal_in_use_is_left_alone(tmp_path):
    journal = Journal(tmp_path)
    assert recover(journal.path) == 0
    journal.append(packed("one"))
    assert recover(journal.path) == 0
    assert journal.path.exists()
    journal.finish()
    assert [path.suffix for path in tmp_path.iterdir()] == [".spacy"]
    assert recover(journal.path) == 0


def test_journal_becomes_one_shard_however_often(tmp_path):
    journal = Journal(tmp_path)
    journal.append(packed("one"))
    content = journal.path.read_bytes()
    journal.finish()
    journal.path.write_bytes(content)  # as if killed between making the one and deleting the other
    assert recover(journal.path) == 0
    assert texts_in(tmp_path) == ["one"]
    assert not journal.path.exists()


@given(data=st.data(), texts=st.lists(st.sampled_from(["a", "b c", "d e f"]), max_size=4))
def test_torn_journal_gives_its_complete_docs(tmp_path_factory, data, texts):
    folder = tmp_path_factory.mktemp("torn")
    journal = Journal(folder)
    ends = [0]
    for text in texts:
        journal.append(packed(text))
        ends.append(journal.path.stat().st_size)
    journal.release()
    cut = data.draw(st.integers(0, ends[-1]))
    os.truncate(journal.path, cut)
    n_complete = sum(end <= cut for end in ends) - 1
    assert recover(journal.path) == cut - ends[n_complete]
    found = list(read_docs(folder, VOCAB)) if n_complete else []
    assert [doc.text.strip() for doc in found] == texts[:n_complete]


def test_foreign_files_are_left_alone(writer):
    writer.folder.mkdir()
    foreign = writer.folder / "notes.open"
    foreign.write_text("mine", encoding="utf8")
    writer.add(packed("one"))
    writer.close()
    assert foreign.read_text(encoding="utf8") == "mine"


def test_garbled_doc_ends_a_journal(tmp_path, writer, caplog):
    journal = Journal(writer.folder)
    journal.append(packed("one"))
    n_good = journal.path.stat().st_size
    journal.append(packed("two"))
    journal.release()
    content = bytearray(journal.path.read_bytes())
    content[n_good + HEADER.size] ^= 1
    journal.path.write_bytes(content)
    writer.close()
    assert texts_in(writer.folder) == ["one"]
    assert writer.counts == {"torn": 1}
    assert "ended in the middle of a Doc" in caplog.text


def test_full_disk_costs_only_the_docs_that_do_not_fit(tmp_path, writer):
    writer.shard_size = 100

    def fill():
        writer.add(packed("fits"))
        size = next(writer.folder.glob("*.open")).stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 10, resource.RLIM_INFINITY))
        for _ in range(2):
            with pytest.raises(OSError):
                writer.add(packed("does not fit"))
        assert next(writer.folder.glob("*.open")).stat().st_size == size
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        writer.add(packed("fits again"))
        os.kill(os.getpid(), signal.SIGKILL)

    assert in_fork(fill) == -signal.SIGKILL
    writer.close()
    assert texts_in(writer.folder) == ["fits", "fits again"]
    assert writer.counts == {}


def test_shard_that_cannot_be_written_is_tried_again(writer, caplog):
    writer.add(packed("one"))
    (journal_path,) = writer.folder.glob("*.open")
    in_the_way = journal_path.with_suffix("")
    in_the_way.mkdir()
    writer.close()
    assert journal_path.exists()
    assert f"{writer.folder}: a journal could not be made a shard" in caplog.text
    in_the_way.rmdir()
    writer.close()
    assert texts_in(writer.folder) == ["one"]


def test_shard_is_written_although_its_folder_has_gone(writer):
    writer.add(packed("one"))
    shutil.rmtree(writer.folder)
    writer.close()
    assert texts_in(writer.folder) == ["one"]
