"""/healthz: may a load balancer send people here?"""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 "ok" when the database answers and has every migration; else 503 with the reason in one line."""
    reason = problem()
    return HttpResponse(reason or "ok", content_type="text/plain; charset=utf-8", status=503 if reason else 200)


def problem() -> str | None:
    """Why this installation cannot serve, or None. It names no host and no address: anyone may ask."""
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "The database cannot be reached."
    if missing:
        return f"Migrations not applied: {len(missing)}. Run manage.py migrate."
    return None
