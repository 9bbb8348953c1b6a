"""What `script/server` runs: prepare the database, then serve with gunicorn and the worker until told to stop.

This process owns the embedded PostgreSQL and its two children: whatever ends it (Ctrl-C, SIGTERM, a closed terminal, a
child that fails) ends them all.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
PATIENCE = 10  # seconds a child gets to finish what it does


def main() -> None:
    """Exits with one sentence when the port is taken, a setting is wrong, or a child stops by itself."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
    sys.path.insert(0, str(ROOT))
    os.chdir(ROOT)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    os.environ.setdefault("DEBUG", "1")
    from django.core.exceptions import ImproperlyConfigured
    from django.db import OperationalError

    from clinic import environment

    try:
        os.environ.setdefault("DEMO", "1" if environment.flag("DEBUG", False) else "0")
        port = free_port()
        prepare()
        serve(port)
    except ImproperlyConfigured as error:
        sys.exit(f"script/server: {error}")
    except OperationalError as error:
        sys.exit(f"script/server: the database does not answer: {error}")


def leave(number: int, frame: FrameType | None) -> None:
    """Whoever stops us, stop in the normal way; set even where a shell's background process would ignore Ctrl-C."""
    sys.exit(128 + number)


def free_port() -> int:
    """The port to serve on: $PORT or 8000. Exits with a sentence when something else listens there."""
    from clinic import environment

    port = environment.number("PORT", 8000, least=1, most=65535)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            sys.exit(
                f"script/server: port {port} cannot be used ({error.strerror}). Stop what uses it, or choose another: PORT={port + 1} script/server"
            )
    return port


def prepare() -> None:
    """Migrate, and fill an empty database with the catalogue and, for a demo, the demo's people and bookings."""
    import django

    django.setup()
    from django.apps import apps
    from django.conf import settings
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    if not apps.get_model("treatments", "Treatment").objects.exists():
        print("Loading the catalogue …", flush=True)
        call_command("load_catalogue")
    if settings.CADENCE_DEMO:
        if not apps.get_model("clinic", "Clinic").objects.exists():
            print("Loading the demo clinic …", flush=True)
            call_command("load_demo")
        call_command("demo_logins")


def serve(port: int) -> None:
    """Run gunicorn and the worker until a signal comes or one of them stops."""
    environment = {**os.environ, "PORT": str(port)}
    commands = {
        "gunicorn": [sys.executable, "-m", "gunicorn", "clinic.wsgi"],
        "worker": [sys.executable, "manage.py", "worker"],
    }
    # Sessions of their own: a Ctrl-C in the terminal reaches this process alone, which then stops them in order.
    children = {name: subprocess.Popen(command, env=environment, start_new_session=True) for name, command in commands.items()}
    announced = False
    try:
        while True:
            for name, child in children.items():
                if child.poll() is not None:
                    sys.exit(
                        f"script/server: {name} stopped by itself (exit code {child.returncode}); everything else is stopped too."
                    )
            if not announced and answers(port):
                print(f"\nCadence is at http://localhost:{port}  (Ctrl-C stops it)", flush=True)
                print(f"{where_mail_goes()}\n", flush=True)
                announced = True
            time.sleep(0.2)
    finally:
        stop(list(children.values()))


def where_mail_goes() -> str:
    from django.conf import settings

    if not settings.EMAIL_BACKEND.endswith(".filebased.EmailBackend"):
        return "Its e-mails go where EMAIL_URL says."
    folder = Path(settings.EMAIL_FILE_PATH)
    return f"Its e-mails are written to {folder.relative_to(ROOT) if folder.is_relative_to(ROOT) else folder}/"


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def stop(children: list[subprocess.Popen[bytes]]) -> None:
    """End the children, politely first. A second Ctrl-C does not interrupt this."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    for child in children:
        child.terminate()
    deadline = time.monotonic() + PATIENCE
    for child in children:
        try:
            child.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


if __name__ == "__main__":
    main()
