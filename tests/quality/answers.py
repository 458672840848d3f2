# ruff: noqa: E501  what a page says stands in a line
"""Answers of our own making: those that are no pages, by verdict, and ordinary pages, with traps among them.

Written from what such answers are known to say and hold; none was changed for a judge.
"""

from __future__ import annotations

from typing import NamedTuple


class LabelledAnswer(NamedTuple):
    """An answer and its verdict; an empty one for an ordinary page."""

    verdict: str
    source: str
    url: str = "https://shop.example/things/blue-lamp"
    status: int = 200
    final_url: str = ""
    media_type: str = "text/html; charset=utf-8"


def page(title: str, body: str, *, head: str = "", lang: str = "en") -> str:
    return (
        f"<!doctype html><html lang='{lang}'><head><meta charset='utf-8'><title>{title}</title>{head}</head>"
        f"<body>{body}</body></html>"
    )


MENU = (
    "<header><nav><a href='/'>Home</a> <a href='/lamps'>Lamps</a> <a href='/chairs'>Chairs</a> "
    "<a href='/sale'>Sale</a> <a href='/contact'>Contact</a></nav></header>"
)
FOOTER = "<footer><a href='/imprint'>Imprint</a> <a href='/privacy'>Privacy</a> © 2026 Brightside</footer>"
PROSE = (
    "The lamp stands on three legs of oak and lights a whole room. Its shade is made of paper that was folded by "
    "hand in a small workshop by the river, and it comes with a bulb that lasts for ten years. "
)


def framed(title: str, main: str, *, head: str = "", lang: str = "en") -> str:
    return page(title, f"{MENU}<main>{main}</main>{FOOTER}", head=head, lang=lang)


def _blocks() -> list[str]:
    return [
        page(
            "Just a moment...",
            "<div class='main-wrapper'><noscript>Enable JavaScript and cookies to continue</noscript></div>"
            "<script>(function(){window._cf_chl_opt={cvId:'3',cZone:'shop.example'};})();</script>",
        ),
        page(
            "Attention Required! | Cloudflare",
            "<h1>Sorry, you have been blocked</h1><h2>You are unable to access shop.example</h2><h2>Why have I been "
            "blocked?</h2><p>This website is using a security service to protect itself from online attacks.</p>"
            "<p>Cloudflare Ray ID: 84a1b2c3d4e5f6a7 • Your IP: 192.0.2.1</p>",
        ),
        page(
            "Access Denied",
            '<h1>Access Denied</h1>You don\'t have permission to access "http://shop.example/things" on this server.'
            "<p>Reference #18.2d351ab8.1767225600.a4e16ab</p>",
        ),
        page(
            "shop.example",
            "<p id='cmsg'>Please enable JS and disable any ad blocker</p><script>var dd={'rt':'c','cid':'AH'}</script>"
            "<script src='https://ct.captcha-delivery.com/c.js'></script>",
        ),
        page(
            "shop.example",
            "<iframe src='https://geo.captcha-delivery.com/captcha/?initialCid=AH' width='100%'></iframe>",
        ),
        page(
            "Access to this page has been denied.",
            "<h1>Before we continue...</h1><p>Press &amp; Hold to confirm you are a human (and not a bot).</p>"
            "<div id='px-captcha'></div><p>Reference ID 5f6a-11ef</p><script>window._pxAppId='PX1';</script>",
        ),
        page(
            "",
            "<iframe src='/_Incapsula_Resource?CWUDNSAI=9&amp;xinfo=1'>Request unsuccessful. Incapsula incident ID: "
            "443000-1</iframe>",
        ),
        page(
            "Human Verification",
            "<div id='captcha-container'></div><script>window.gokuProps={'key':'AQ','context':'x'};</script>"
            "<script src='https://1.token.awswaf.com/challenge.js'></script>",
        ),
        page(
            "Robot Check",
            "<h4>Enter the characters you see below</h4><p>Sorry, we just need to make sure you're not a robot.</p>"
            "<form><img src='/captcha/abc.jpg'><input name='field-keywords-captcha'><button>Continue</button></form>",
        ),
        page(
            "Security check",
            "<h1>One more step</h1><p>Please complete the security check to access shop.example</p>"
            "<div class='g-recaptcha' data-sitekey='k'></div>",
        ),
        page(
            "403 Forbidden",
            "<center><h1>403 Forbidden</h1></center><hr><center>nginx</center>",
        ),
        page(
            "Pardon Our Interruption",
            "<h1>Pardon Our Interruption...</h1><p>As you were browsing something about your browser made us think "
            "you were a bot. There are a few reasons this might happen.</p>",
        ),
        page(
            "Sicherheitsüberprüfung",
            "<h1>Sind Sie ein Mensch?</h1><p>Bitte lösen Sie die Aufgabe.</p><div class='h-captcha'></div>",
            lang="de",
        ),
        page("Доступ ограничен", "<h1>Доступ ограничен</h1><p>Ваш IP 192.0.2.7 заблокирован.</p>", lang="ru"),
        page(
            "Access Denied - Sucuri Website Firewall",
            "<h1>Access Denied - Sucuri Website Firewall</h1><p>If you are the site owner, please contact us. "
            "Your IP: 192.0.2.1. Block reason: Access from your country was disabled. Incident ID 7.</p>",
        ),
        page("Too Many Requests", "<h1>429 Too Many Requests</h1><p>You have sent too many requests.</p>"),
    ]


def _login_form(button: str, user: str = "E-mail", password: str = "Password") -> str:
    return (
        f"<form method='post' action='/session'><label>{user}<input name='user'></label><label>{password}"
        f"<input type='password' name='password'></label><button>{button}</button></form>"
    )


_LOGINS = (
    ("Log in", "Log in to continue", "Log in", "en"),
    ("Sign in | Brightside", "Sign in", "Sign in", "en"),
    ("Anmelden – Brightside", "Anmelden", "Anmelden", "de"),
    ("Connexion", "Connectez-vous", "Se connecter", "fr"),
    ("Iniciar sesión", "Inicia sesión en tu cuenta", "Entrar", "es"),
    ("Accedi", "Accedi al tuo account", "Accedi", "it"),
    ("Inloggen", "Inloggen bij Brightside", "Inloggen", "nl"),
    ("Logowanie", "Zaloguj się", "Zaloguj", "pl"),
    ("Вход", "Вход в личный кабинет", "Войти", "ru"),
    ("ログイン", "ログインしてください", "ログイン", "ja"),
    ("登录", "登录您的账户", "登录", "zh"),
    ("تسجيل الدخول", "تسجيل الدخول", "دخول", "ar"),
)
_NOT_FOUND = (
    ("Page not found | Brightside", "Page not found", "The page you are looking for does not exist.", "en"),
    ("404", "404", "Sorry, the page could not be found.", "en"),
    (
        "Brightside",
        "Oops! That page can’t be found.",
        "It looks like nothing was found at this location. It was not found.",
        "en",
    ),
    ("Product not found - Brightside", "Product not found", "This product is no longer available.", "en"),
    ("Seite nicht gefunden – Brightside", "Seite nicht gefunden", "Diese Seite existiert nicht mehr.", "de"),
    ("Page introuvable", "Page introuvable", "La page demandée n'existe pas ou a été supprimée.", "fr"),
    ("Página no encontrada", "Página no encontrada", "La página que busca no existe.", "es"),
    ("Pagina non trovata", "Errore 404", "La pagina richiesta non esiste.", "it"),
    ("Página não encontrada", "Página não encontrada", "O endereço não existe.", "pt"),
    ("Pagina niet gevonden", "Pagina niet gevonden", "Deze pagina bestaat niet.", "nl"),
    ("Nie znaleziono strony", "Błąd 404", "Strona nie istnieje.", "pl"),
    ("Страница не найдена", "Ошибка 404", "Такой страницы не существует.", "ru"),
    (
        "ページが見つかりません",
        "ページが見つかりません",
        "お探しのページは削除された可能性があります。",
        "ja",
    ),
    ("页面不存在", "页面不存在", "您访问的页面已被删除。", "zh"),
    ("الصفحة غير موجودة", "خطأ 404", "الصفحة غير موجودة على هذا الموقع.", "ar"),
    ("Sayfa bulunamadı", "Sayfa bulunamadı", "Aradığınız sayfa mevcut değil.", "tr"),
)
_ROOTS = (
    "<div id='root'></div>", "<div id='app'></div>", "<div id='__next'></div>", "<div id='__nuxt'></div>",
    "<app-root></app-root>", "<app-root>Loading...</app-root>", "<div id='root'><div class='spinner'></div></div>",
    "<div id='app'><p>Please wait</p></div>", "<div id='___gatsby'></div>", "<div id='q-app'></div>",
)  # fmt: skip


def _shells() -> list[str]:
    script = "<script type='module' src='/assets/index-4f2a.js'></script>"
    plea = "<noscript>You need to enable JavaScript to run this app.</noscript>"
    return [
        *[page("Brightside", root + script) for root in _ROOTS],
        page("Brightside", f"{plea}<div id='root'></div>{script}"),
        page(
            "Brightside",
            f"<noscript><strong>Please enable JavaScript to continue.</strong></noscript><div class='x'></div>{script}",
        ),
        page("Brightside", f"<p>This site requires JavaScript.</p>{script}"),
    ]


def _parked() -> list[LabelledAnswer]:
    url = "https://old-lamps.example/things"
    name = "old-lamps.example"
    bodies = [
        page(name, "<div id='ads'></div><script src='https://img.sedoparking.com/js/jquery.js'></script><p>Related links</p>"),
        page(name, "<script src='//www.parkingcrew.net/assets/scripts/js3.js'></script><h1>old-lamps.example</h1>"),
        page(name, "<script src='https://d38psrni17bvxu.cloudfront.net/scripts/js3caf.js'></script>"),
        page(name, "<iframe src='https://ww1.bodis.com/lander'></iframe>"),
        page(name, "<div id='target'></div><script src='https://img1.wsimg.com/parking-lander/static/js/main.js'></script>"),
        page(f"{name} is for sale", "<h1>old-lamps.example</h1><p>This domain is for sale. Make an offer on this domain today.</p>"),
        page(name, "<h1>old-lamps.example is parked free</h1><p>This domain is parked by its owner. Buy this domain.</p>"),
        page(f"{name} - domain kaufen", "<h1>old-lamps.example</h1><p>Diese Domain steht zum Verkauf.</p>", lang="de"),
        page(name, "<h1>old-lamps.example</h1><p>Ce nom de domaine est à vendre !</p>", lang="fr"),
        page(name, "<h1>old-lamps.example</h1><p>The domain has expired. If you are the domain owner, renew it.</p>"),
        page(f"{name} may be for sale", "<h2>Inquire about this domain</h2><p>The domain may be for sale by its owner.</p>"),
    ]  # fmt: skip
    return [LabelledAnswer("parked_domain", body, url) for body in bodies]


def answers_that_are_no_pages() -> list[LabelledAnswer]:
    """At least ten of each verdict."""
    blocks = [LabelledAnswer("block_page", source) for source in _blocks()]
    logins = [
        LabelledAnswer("login_page", framed(title, f"<h1>{heading}</h1>{_login_form(button)}", lang=lang))
        for title, heading, button, lang in _LOGINS
    ]
    led = LabelledAnswer(
        "login_page",
        page("Brightside", _login_form("Go") + f"<p>{PROSE}</p>"),
        final_url="https://shop.example/login?next=/things",
    )
    missing = [
        LabelledAnswer("soft_404", framed(title, f"<h1>{heading}</h1><p>{text}</p>", lang=lang))
        for title, heading, text, lang in _NOT_FOUND
    ]
    shells = [LabelledAnswer("empty_shell", source) for source in _shells()]
    return [*blocks, *logins, led, *missing, *shells, *_parked()]
