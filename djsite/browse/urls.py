"""URLs of the site. The middleware asks for a login, except for monitors and for the login itself."""

from __future__ import annotations

from django.contrib.auth import views as auth
from django.urls import path

from djsite.browse.alerts import views as alerts
from djsite.browse.bulk import views as bulk
from djsite.browse.changes import feeds, kept
from djsite.browse.changes import views as changes
from djsite.browse.channels import views as channels
from djsite.browse.compare import views as compare
from djsite.browse.data import views as data
from djsite.browse.explain.views import explain_address
from djsite.browse.forecasts import views as forecasts
from djsite.browse.grouping import views as grouping
from djsite.browse.guide import views as guide
from djsite.browse.known import views as known
from djsite.browse.login import ChangePassword, LoginForm
from djsite.browse.noise.views import noise
from djsite.browse.outlets import actions as outlet_actions
from djsite.browse.outlets import views as outlets
from djsite.browse.people import views as people
from djsite.browse.promises import views as promises
from djsite.browse.rereadings import views as rereadings
from djsite.browse.running import views as running
from djsite.browse.search.views import search_pages
from djsite.browse.seed_lists import views as seed_lists
from djsite.browse.seeding import deletion
from djsite.browse.seeding import views as seeding
from djsite.browse.tokens import views as tokens
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
    path("lately/", changes.lately, name="dashboard-changes"),
    path("changes/", changes.change_list, name="changes"),
    path("changes/keep/", kept.keep, {"page": "changes"}, name="changes-keep"),
    path("changes/file.<format>", changes.download, name="changes-file"),
    path("views/<int:pk>/", kept.kept_view, name="kept-view"),
    path("feeds/<slug:token>.atom", feeds.feed, name="feed"),
    path("seeds/", seeds.seed_list, name="seeds"),
    path("seeds/pause-all/", seeds.pause_everything, name="pause-everything"),
    path("seeds/resume-all/", seeds.go_on, name="go-on"),
    path("seeds/bulk/", bulk.bulk, name="seeds-bulk"),
    path("seeds/bulk/undo/", bulk.undo, name="seeds-bulk-undo"),
    path("seeds/new/", seeding.new, name="seed-new"),
    path("seeds/due/", seeding.due, name="seed-due"),
    path("seeds/deleted/", deletion.deleted, name="seeds-deleted"),
    path("seeds/groups/", grouping.group_list, name="seed-groups"),
    path("seeds/groups/<int:pk>/", grouping.group, name="seed-group"),
    path("seeds/groups/<int:pk>/take/", grouping.take_again, name="seed-group-take"),
    path("seeds/groups/<int:pk>/delete/", grouping.delete, name="seed-group-delete"),
    path("seeds/import/", seed_lists.import_list, name="seed-import"),
    path("seeds/<int:pk>/", seeds.seed, name="seed"),
    path("seeds/<int:pk>/edit/", seeding.edit, name="seed-edit"),
    path("seeds/<int:pk>/delete/", deletion.delete, name="seed-delete"),
    path("seeds/<int:pk>/back/", deletion.bring_back, name="seed-back"),
    path("seeds/<int:pk>/repair/", repairs.ask, name="seed-repair"),
    path("seeds/<int:pk>/gone/", repairs.accept, name="seed-gone"),
    path("seeds/<int:pk>/repair/<slug:key>/", repairs.proposed, name="seed-repair-result"),
    path("seeds/<int:pk>/rereadings/", rereadings.rereading_list, name="seed-rereadings"),
    path("seeds/<int:pk>/rereadings/<int:number>/", rereadings.rereading, name="seed-rereading"),
    path("seeds/<int:pk>/rereadings/<int:number>/use/", rereadings.use, name="seed-rereading-use"),
    path("seeds/<int:pk>/rereadings/<int:number>/drop/", rereadings.drop, name="seed-rereading-drop"),
    path("seeds/<int:pk>/feed/", kept.feed_of_seed, name="seed-feed"),
    path("seeds/<int:pk>/promises/", promises.promise_list, name="seed-promises"),
    path("seeds/<int:pk>/promises/<int:number>/", promises.promise, name="seed-promise"),
    path("seeds/<int:pk>/promises/<int:number>/delete/", promises.delete, name="seed-promise-delete"),
    path("seeds/<int:pk>/noise/", noise, name="seed-noise"),
    path("seeds/<int:pk>/forecast/", forecasts.ask, name="seed-forecast"),
    path("forecasts/<int:pk>/", forecasts.forecast, name="forecast"),
    path("seeds/<int:pk>/known/", known.known_list, name="seed-known"),
    path("seeds/<int:pk>/run/", seeds.run_now, name="seed-run"),
    path("seeds/<int:pk>/recrawl/", recrawl.recrawl_seed, name="seed-recrawl"),
    path("seeds/<int:pk>/enable/", seeds.switch, {"enabled": True}, name="seed-enable"),
    path("seeds/<int:pk>/pause/", seeds.switch, {"enabled": False}, name="seed-pause"),
    path("seeds/<int:pk>/mute/", seeds.mute, {"days": 7}, name="seed-mute"),
    path("seeds/<int:pk>/unmute/", seeds.mute, {"days": 0}, name="seed-unmute"),
    path("seeds/<int:pk>/calendar/", calendar.overview, name="seed-calendar"),
    path("seeds/<int:pk>/calendar/<str:date>/", calendar.day, name="seed-day"),
    path("runs/", runs.run_list, name="runs"),
    path("runs/recrawl/", recrawl.recrawl_urls, name="run-recrawl"),
    path("runs/<int:pk>/", runs.run, name="run"),
    path("runs/<int:pk>/live/", runs.run_live, name="run-live"),
    path("runs/<int:pk>/stop/", runs.steer, {"action": "stop"}, name="run-stop"),
    path("runs/<int:pk>/pause/", runs.steer, {"action": "pause"}, name="run-pause"),
    path("runs/<int:pk>/resume/", runs.steer, {"action": "resume"}, name="run-resume"),
    path("search/", search_pages, name="search"),
    path("runs/<int:pk>/accept/", known.accept_failures, name="run-accept"),
    path("runs/<int:pk>/leave-out/", running.leave_out, name="run-leave-out"),
    path("runs/<int:pk>/retry/", known.retry, name="run-retry"),
    path("explain/", explain_address, name="explain"),
    path("pages/", pages.page_list, name="pages"),
    path("pages/file.<format>", pages.page_file, name="pages-file"),
    path("pages/<int:pk>/", pages.page, name="page"),
    path("pages/<int:pk>/compare/", compare.page_compare, name="page-compare"),
    path(
        "pages/<int:pk>/compare/without-noise/", compare.ask_without_noise, name="page-compare-without-noise"
    ),
    path("pages/<int:pk>/compare/source/", compare.page_compare_source, name="page-compare-source"),
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
    path("records/", data.record_list, name="records"),
    path("records/keep/", kept.keep, {"page": "records"}, name="records-keep"),
    path("records/file.<format>", data.download, name="records-file"),
    path("files/<slug:token>.<format>", data.kept_file, name="kept-file"),
    path("records/<int:pk>/", records.record, name="record"),
    path("records/<int:pk>/receipt/", records.ask_receipt, name="record-receipt-ask"),
    path("records/<int:pk>/receipt/<slug:key>/", records.receipt, name="record-receipt"),
    path("alerts/", alerts.alert_list, name="alerts"),
    path("alerts/new/", alerts.new, name="alert-new"),
    path("alerts/<int:pk>/", alerts.alert, name="alert"),
    path("alerts/<int:pk>/edit/", alerts.edit, name="alert-edit"),
    path("alerts/<int:pk>/enable/", alerts.switch, {"enabled": True}, name="alert-enable"),
    path("alerts/<int:pk>/pause/", alerts.switch, {"enabled": False}, name="alert-pause"),
    path("alerts/<int:pk>/delete/", alerts.delete, name="alert-delete"),
    path("channels/", channels.channel_list, name="channels"),
    path("channels/new/<slug:kind>/", channels.channel_new, name="channel-new"),
    path("channels/<int:pk>/", channels.channel, name="channel"),
    path("channels/<int:pk>/edit/", channels.channel_edit, name="channel-edit"),
    path("channels/<int:pk>/test/", channels.test, name="channel-test"),
    path("channels/<int:pk>/enable/", channels.switch, {"enabled": True}, name="channel-enable"),
    path("channels/<int:pk>/pause/", channels.switch, {"enabled": False}, name="channel-pause"),
    path("channels/<int:pk>/delete/", channels.remove, name="channel-delete"),
    path("messages/<int:pk>/", channels.message, name="message"),
    path("messages/<int:pk>/replay/", channels.replay, name="message-replay"),
    path("outlets/", outlets.outlet_list, name="outlets"),
    path("outlets/new/", outlets.choose_place, name="outlet-new"),
    path("outlets/new/<slug:place>/", outlets.new, name="outlet-new-at"),
    path("outlets/due/", outlets.due, name="outlet-due"),
    path("outlets/<int:pk>/", outlets.outlet, name="outlet"),
    path("outlets/<int:pk>/edit/", outlets.edit, name="outlet-edit"),
    path("outlets/<int:pk>/send/", outlet_actions.send, name="outlet-send"),
    path("outlets/<int:pk>/send-all/", outlet_actions.send_all, name="outlet-send-all"),
    path("outlets/<int:pk>/test/", outlet_actions.test, name="outlet-test"),
    path("outlets/<int:pk>/test/<slug:key>/", outlet_actions.tested, name="outlet-tested"),
    path("outlets/<int:pk>/enable/", outlet_actions.switch, {"enabled": True}, name="outlet-enable"),
    path("outlets/<int:pk>/pause/", outlet_actions.switch, {"enabled": False}, name="outlet-pause"),
    path("outlets/<int:pk>/delete/", outlet_actions.remove, name="outlet-delete"),
    path("shipments/<int:pk>/file/", outlet_actions.file, name="shipment-file"),
    path("shipments/<int:pk>/anyway/", outlet_actions.anyway, name="shipment-anyway"),
    path("try/", trials.try_page, name="try"),
    path("try/<slug:key>/", trials.tried, name="try-result"),
    path("try/<slug:key>/point/", pointing.point, name="try-point"),
    path("try/<slug:key>/details/", details.ask, name="try-item"),
    path("try/<slug:key>/details/<int:offer>/<slug:item>/", details.details, name="try-details"),
    path("try/<slug:key>/page/", pointing.rendered, name="try-page"),
    path("guide/", guide.guide, name="guide"),
    path("guide/pictures/<slug:name>.png", guide.guide_picture, name="guide-picture"),
    path("guide/<slug:slug>/", guide.guide_chapter, name="guide-chapter"),
    path("exports/", exports.export_list, name="exports"),
    path("exports/<int:pk>/file/", exports.export_file, name="export-file"),
    path("exports/<int:pk>/manifest/", exports.export_manifest, name="export-manifest"),
    path("exports/<int:pk>/delete/", exports.export_delete, name="export-delete"),
    path("download/<kind>.<format>", exports.download, name="download"),
    path("people/", people.people_list, name="people"),
    path("people/<int:pk>/role/", people.role, name="person-role"),
    path("people/<int:pk>/link/", people.link, name="person-link"),
    path("people/<int:pk>/deactivate/", people.deactivate, name="person-deactivate"),
    path("people/<int:pk>/activate/", people.activate, name="person-activate"),
    path("people/<int:pk>/withdraw/", people.withdraw, name="person-withdraw"),
    path("join/<slug:number>/<slug:token>/", people.join, name="join"),
    path("you/", people.you, name="you"),
    path("tokens/", tokens.token_list, name="tokens"),
    path("tokens/<int:pk>/revoke/", tokens.revoke, name="token-revoke"),
    path("health/", health.health, name="health"),
    path("metrics", health.scrape, name="metrics"),
    path("login/", auth.LoginView.as_view(authentication_form=LoginForm), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("password/", ChangePassword.as_view(), name="password_change"),
]
