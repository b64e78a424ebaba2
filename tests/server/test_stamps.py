"""Stamps of an authority outside: one that openssl plays, and the log that it would not sign."""

import shutil
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from actors import a_record
from options import absent
from rewriting import rewrite_history
from sqlmodel import Session, select

from beatbook.events import stamps
from beatbook.models import Stamp
from beatbook.settings import Settings
from beatbook.verification import verify

CONFIG = """
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[tsa]
basicConstraints = critical, CA:FALSE
extendedKeyUsage = critical, timeStamping
keyUsage = critical, digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[ours]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
ess_cert_id_alg = sha256
"""


@pytest.fixture(scope="module")
def authority(tmp_path_factory) -> Path:
    """The folder of a time-stamping authority: its root and its own certificate."""
    if shutil.which("openssl") is None:
        absent("no openssl, which plays the time-stamping authority here")
    folder = tmp_path_factory.mktemp("authority")
    (folder / "conf").write_text(CONFIG.format(folder=folder))
    (folder / "serial").write_text("01\n")

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config", "conf", "-days", "3650")
    openssl("req", "-x509", *key, "-keyout", "root.key", "-out", "root.pem", "-subj", "/CN=Root", "-extensions", "root")
    signed = ("-CA", "root.pem", "-CAkey", "root.key", "-extensions", "tsa")
    openssl("req", "-x509", *key, *signed, "-keyout", "tsa.key", "-out", "tsa.pem", "-subj", "/CN=TSA")
    return folder


@pytest.fixture
def asked(authority) -> Iterator[list[bytes]]:
    """The authority at an address, and what it was asked. Its address stands first."""
    found: list[bytes] = []

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found.append(self.rfile.read(int(self.headers["content-length"])))
            (authority / "asked.tsq").write_bytes(found[-1])
            command = "openssl ts -reply -config conf -section ours -queryfile asked.tsq -out answer.tsr"
            subprocess.run(command.split(), cwd=authority, check=True, capture_output=True)
            self.send_response(200)
            self.end_headers()
            self.wfile.write((authority / "answer.tsr").read_bytes())

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the test says what went wrong."""

    server = HTTPServer(("127.0.0.1", 0), Answers)
    Thread(target=server.serve_forever, daemon=True).start()
    found.append(f"http://127.0.0.1:{server.server_port}".encode())
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def settings(tmp_path, authority, asked) -> Settings:
    return Settings(
        data=tmp_path / "data", allowed_hosts="testserver", tsa_url=asked[0].decode(), tsa_root=authority / "root.pem"
    )


def stamped(office) -> list[Stamp]:
    with office.database.reading() as session:
        return list(session.exec(select(Stamp)))


def test_the_end_of_the_log_is_stamped_once_a_day_and_a_rewritten_log_is_another(office, officer, asked, later):
    officer.send(record := a_record())
    for _ in range(2):
        office.keep_house(office.clock())
    assert len(stamped(office)) == 1
    assert record.instance_id.encode() not in asked[1] and len(asked[1]) < 200, "a digest and nothing else"
    later(hours=25)
    office.keep_house(office.clock())
    _, newest = stamped(office)
    assert list(verify(office)) == []
    with Session(office.database.write_engine) as session:
        row = session.get_one(Stamp, newest.seq)
        row.answer = row.answer[:-10] + bytes([row.answer[-10] ^ 1]) + row.answer[-9:]
        session.flush()
        assert any("does not hold" in what for _, what in stamps.faults(session, office.settings.tsa_root))
        session.rollback()

    rewrite_history(office, record.instance_id)
    found = [str(fault) for fault in verify(office)]
    assert f"stamp of event {newest.head}: the log is another one than the authority stamped" in found


def test_an_authority_that_is_away_costs_a_line_and_nothing_else(office, monkeypatch):
    monkeypatch.setitem(office.settings.__dict__, "tsa_url", "http://127.0.0.1:9")
    office.keep_house(office.clock())
    assert stamped(office) == []
    assert list(verify(office)) == []
