#!/usr/bin/python3
"""A window with real WebKit in it whose storage lasts, for WebKitWebDriver to drive.

`webkit_host.py [--silent] [--private] FOLDER`: Debian's own test browser forgets everything when it closes. This one
keeps cookies and databases in FOLDER; with `--private` it forgets too, as a private window does. It says yes when a
page asks for the place, and with `--silent` never says anything. It runs with Debian's Python, which has WebKit's
bindings, and knows nothing of Beatbook.
"""

import sys
from pathlib import Path

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")
from gi.repository import Gtk, WebKit2  # noqa: E402

FEATURES = ["StorageAPI", "StorageAPIEstimate"]  # on in Safari, off by default in WebKitGTK
unanswered = []


def main(options: set[str], folder: Path) -> None:
    context = context_in(folder, private="--private" in options)
    context.set_automation_allowed(True)
    context.connect("automation-started", lambda _, session: session.connect("create-web-view", view, context, options))
    Gtk.main()


def context_in(folder: Path, *, private: bool) -> WebKit2.WebContext:
    if private:
        return WebKit2.WebContext.new_ephemeral()
    places = {"base_data_directory": str(folder / "data"), "base_cache_directory": str(folder / "cache")}
    context = WebKit2.WebContext(website_data_manager=WebKit2.WebsiteDataManager(**places))
    cookies = context.get_cookie_manager()
    cookies.set_persistent_storage(str(folder / "cookies.sqlite"), WebKit2.CookiePersistentStorage.SQLITE)
    return context


def view(_session: object, context: WebKit2.WebContext, options: set[str]) -> WebKit2.WebView:
    shown = WebKit2.WebView(web_context=context, is_controlled_by_automation=True)
    settings = shown.get_settings()
    found = WebKit2.Settings.get_all_features()
    for feature in (found.get(index) for index in range(found.get_length())):
        if feature.get_identifier() in FEATURES:
            settings.set_feature_enabled(feature, True)
    shown.connect("permission-request", hold if "--silent" in options else allow)
    window = Gtk.Window(default_width=390, default_height=844)
    window.add(shown)
    window.show_all()
    return shown


def allow(_view: object, request: WebKit2.PermissionRequest) -> bool:
    request.allow()
    return True


def hold(_view: object, request: WebKit2.PermissionRequest) -> bool:
    unanswered.append(request)  # or WebKit would take its end for a no
    return True


given = [argument for argument in sys.argv[1:] if not argument.startswith("--automation")]
main({option for option in given if option.startswith("--")}, Path(given[-1]))
