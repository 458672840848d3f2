"""URLs of the site. The middleware asks for a login, except for monitors and for the login itself."""

from __future__ import annotations

from django.contrib.auth import views as auth
from django.urls import path

from djsite.browse.login import ChangePassword, LoginForm
from djsite.browse.rereadings import views as rereadings
from djsite.browse.verdicts import views as verdicts
from djsite.browse.views import (
    calendar,
    dashboard,
    exports,
    health,
    hosts,
    pages,
    records,
    recrawl,
    repairs,
    runs,
    seeds,
)
from djsite.browse.views.trying import details, pointing, trials

urlpatterns = [
    path("", dashboard.dashboard, name="dashboard"),
    path("live/", dashboard.dashboard_live, name="dashboard-live"),
    path("engine/", dashboard.dashboard_health, name="dashboard-health"),
    path("seeds/", seeds.seed_list, name="seeds"),
    path("seeds/<int:pk>/", seeds.seed, name="seed"),
    path("seeds/<int:pk>/repair/", repairs.ask, name="seed-repair"),
    path("seeds/<int:pk>/gone/", repairs.accept, name="seed-gone"),
    path("seeds/<int:pk>/repair/<slug:key>/", repairs.proposed, name="seed-repair-result"),
    path("seeds/<int:pk>/rereadings/", rereadings.rereading_list, name="seed-rereadings"),
    path("seeds/<int:pk>/rereadings/<int:number>/", rereadings.rereading, name="seed-rereading"),
    path("seeds/<int:pk>/rereadings/<int:number>/use/", rereadings.use, name="seed-rereading-use"),
    path("seeds/<int:pk>/rereadings/<int:number>/drop/", rereadings.drop, name="seed-rereading-drop"),
    path("seeds/<int:pk>/run/", seeds.run_now, name="seed-run"),
    path("seeds/<int:pk>/recrawl/", recrawl.recrawl_seed, name="seed-recrawl"),
    path("seeds/<int:pk>/enable/", seeds.switch, {"enabled": True}, name="seed-enable"),
    path("seeds/<int:pk>/pause/", seeds.switch, {"enabled": False}, name="seed-pause"),
    path("seeds/<int:pk>/calendar/", calendar.overview, name="seed-calendar"),
    path("seeds/<int:pk>/calendar/<str:date>/", calendar.day, name="seed-day"),
    path("runs/", runs.run_list, name="runs"),
    path("runs/recrawl/", recrawl.recrawl_urls, name="run-recrawl"),
    path("runs/<int:pk>/", runs.run, name="run"),
    path("runs/<int:pk>/live/", runs.run_live, name="run-live"),
    path("runs/<int:pk>/stop/", runs.steer, {"action": "stop"}, name="run-stop"),
    path("runs/<int:pk>/pause/", runs.steer, {"action": "pause"}, name="run-pause"),
    path("runs/<int:pk>/resume/", runs.steer, {"action": "resume"}, name="run-resume"),
    path("pages/", pages.page_list, name="pages"),
    path("pages/<int:pk>/", pages.page, name="page"),
    path("pages/<int:pk>/recrawl/", recrawl.recrawl_page, name="page-recrawl"),
    path("visits/<int:pk>/answer/", verdicts.answer, name="visit-answer"),
    path("visits/<int:pk>/answer/overrule/", verdicts.overrule, name="visit-overrule"),
    path("seeds/<int:pk>/verdicts/", verdicts.take_back, name="seed-verdict-back"),
    path("versions/<int:pk>/", pages.version, name="version"),
    path("versions/<int:pk>/body/", pages.raw, name="version-raw"),
    path("versions/<int:pk>/whole/", pages.whole, name="version-whole"),
    path("hosts/", hosts.host_list, name="hosts"),
    path("hosts/<int:pk>/", hosts.host, name="host"),
    path("hosts/<int:pk>/recrawl/", recrawl.recrawl_host, name="host-recrawl"),
    path("records/", records.record_list, name="records"),
    path("records/<int:pk>/", records.record, name="record"),
    path("records/<int:pk>/receipt/", records.ask_receipt, name="record-receipt-ask"),
    path("records/<int:pk>/receipt/<slug:key>/", records.receipt, name="record-receipt"),
    path("try/", trials.try_page, name="try"),
    path("try/<slug:key>/", trials.tried, name="try-result"),
    path("try/<slug:key>/point/", pointing.point, name="try-point"),
    path("try/<slug:key>/details/", details.ask, name="try-item"),
    path("try/<slug:key>/details/<int:offer>/<slug:item>/", details.details, name="try-details"),
    path("try/<slug:key>/page/", pointing.rendered, name="try-page"),
    path("exports/", exports.export_list, name="exports"),
    path("exports/<int:pk>/file/", exports.export_file, name="export-file"),
    path("download/<kind>.<format>", exports.download, name="download"),
    path("health/", health.health, name="health"),
    path("metrics", health.scrape, name="metrics"),
    path("login/", auth.LoginView.as_view(authentication_form=LoginForm), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("password/", ChangePassword.as_view(), name="password_change"),
]
