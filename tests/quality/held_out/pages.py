# ruff: noqa: E501  what a page says stands in a line
"""Ordinary pages that are short, odd or speak of what answers say."""

from __future__ import annotations

from tests.quality.answers import LabelledAnswer, page
from tests.quality.held_out.machines import by_scripts, not_html

SITE = "https://brightside.example"
LOGIN_BOX = "<header><a href='/'>Brightside</a><form class='login' method='post' action='/login'><input name='user' placeholder='User'><input type='password' name='pw' placeholder='Password'><button>Log in</button></form></header>"


def held_pages() -> list[LabelledAnswer]:
    pages = (_short(), _about_errors(), _with_forms(), _for_sale(), by_scripts())
    return [LabelledAnswer("", source, SITE + path) for group in pages for path, source in group] + not_html(
        SITE
    )


def _short() -> list[tuple[str, str]]:
    return [
        ("/hours", page("Opening hours", "<h1>Opening hours</h1><p>Monday to Friday, 9 to 17.</p>")),
        ("/ok", "ok"),
        (
            "/poem",
            page(
                "Haiku", "<p>An old silent pond.<br>A frog jumps into the pond.<br>Splash! Silence again.</p>"
            ),
        ),
        (
            "/jobs",
            page(
                "Jobs at Brightside",
                "<h1>Jobs</h1><p>There are no open positions at the moment.</p><a href='/'>Home</a>",
            ),
        ),
        (
            "/search?q=xyz",
            page(
                "Search: xyz",
                "<h1>Search</h1><p>No results found for “xyz”.</p><form><input name='q' value='xyz'></form>",
            ),
        ),
        (
            "/gallery",
            page(
                "Lamps 2026",
                "<div class='grid'>"
                + "".join(f"<img src='/i/{n}.jpg' alt=''>" for n in range(12))
                + "</div><script src='/lightbox.js'></script>",
            ),
        ),
        ("/status", page("Status", "<h1>All systems operational</h1><p>API: up. Shop: up.</p>")),
        (
            "/",
            page(
                "Brightside opens in May",
                "<h1>Our shop opens in May</h1><p>We are painting the walls. Come and see us at 5 River Lane, or write to hello@brightside.example.</p>",
            ),
        ),
        (
            "/old",
            "<html><head><title>Brightside</title></head><frameset cols='20%,80%'><frame src='menu.html'><frame src='start.html'></frameset></html>",
        ),
        (
            "/empty",
            page("List of recalls", "<h1>Recalls</h1><table><tr><th>Product</th><th>Since</th></tr></table>"),
        ),
    ]


def _about_errors() -> list[tuple[str, str]]:
    return [
        (
            "/wiki/404",
            page(
                "404 Not Found – web glossary",
                "<h1>404 Not Found</h1><p>A server answers 404 Not Found when it has nothing at the address that was asked for. Links to such pages are called broken or dead. Do not use it when a page is gone for good: 410 says so.</p>",
            ),
        ),
        (
            "/books/not-found",
            page(
                "Not Found: a novel | Brightside Books",
                "<h1>Not Found</h1><p>By M. Weaver. A girl looks for a house that no map holds.</p><p>Paperback, 214 pages. 12.90 €</p><button>Add to basket</button>",
            ),
        ),
        (
            "/blog/captcha",
            page(
                "How captchas tell people from robots",
                "<article><h1>How captchas tell people from robots</h1><p>“Verify you are human”, says the box, and you click on traffic lights. What it watches is the way your mouse moves. Cloudflare and Google ask less and less people such questions; robots solve them well by now.</p></article>",
            ),
        ),
        (
            "/lyrics/access-denied",
            page(
                "Access Denied – lyrics",
                "<h1>Access Denied</h1><p>I knocked upon your door last night<br>access denied, access denied<br>you never left on any light<br>access denied, access denied</p>",
            ),
        ),
        (
            "/hilfe/fehler-5",
            page(
                "Zugriff verweigert (Fehler 5)",
                "<h1>Zugriff verweigert</h1><p>Windows meldet Fehler 5, wenn das Konto die Datei nicht öffnen darf. Öffnen Sie die Eigenschaften, dann Sicherheit, und geben Sie Ihrem Konto Leserechte.</p>",
                lang="de",
            ),
        ),
        (
            "/folio/404",
            page(
                "Page 404 of the manuscript",
                "<h1>Page 404</h1><p>Recto. Brown ink on vellum, two lines are lost.</p><img src='/scan/404.jpg'>",
            ),
        ),
        (
            "/film/forbidden",
            page(
                "Forbidden (1932)",
                '<h1>Forbidden</h1><p>Drama, 83 minutes. With Barbara Stanwyck.</p><script type=\'application/ld+json\'>{"@type":"Movie","name":"Forbidden"}</script>',
            ),
        ),
        (
            "/forum/17",
            page(
                "Please enable JavaScript to continue? - Forum",
                "<h1>“Please enable JavaScript to continue”</h1><p>ann: My browser shows this on each page. Why?</p><p>ben: Look into the settings of your blocker.</p><p>ann: Thanks, works!</p>",
            ),
        ),
        (
            "/faq/ray-id",
            page(
                "What is a Ray ID?",
                "<h1>What is a Ray ID?</h1><p>Cloudflare gives each request a Ray ID. Send it to us when you were blocked, and we look it up.</p>",
            ),
        ),
        (
            "/status/503",
            page(
                "503 Service Unavailable - status codes",
                "<h1>503 Service Unavailable</h1><p>The server cannot answer now. Retry-After says when to come back.</p><a href='/status/504'>504</a>",
            ),
        ),
    ]


def _with_forms() -> list[tuple[str, str]]:
    return [
        (
            "/help/login",
            page(
                "I cannot log in",
                f"{LOGIN_BOX}<h1>I cannot log in</h1><p>Ask for a new password with the link below the form. The mail takes a minute. Look into your spam folder as well.</p>",
            ),
        ),
        (
            "/boats",
            page(
                "Our boats",
                f"{LOGIN_BOX}<h1>Our boats</h1><p>Two eights, four fours and a dozen of single sculls lie in the hall by the bridge.</p>",
            ),
        ),
        (
            "/register",
            page(
                "Create an account",
                "<h1>Create an account</h1><form method='post'><input name='email'><input type='password' name='pw'><input type='password' name='pw2'><button>Sign up</button></form>",
            ),
        ),
        (
            "/login",
            page(
                "Log in",
                "<h1>Log in</h1><form method='post'><input name='email'><input type='password' name='pw'><button>Log in</button></form>",
            ),
        ),
        (
            "/kurse/anmelden",
            page(
                "Anmeldung zum Ruderkurs",
                "<h1>Anmeldung</h1><p>Der Kurs beginnt am 4. Mai.</p><form><input name='name'><input name='mail'><button>Anmelden</button></form>",
                lang="de",
            ),
        ),
        (
            "/contact",
            page(
                "Contact",
                "<h1>Write to us</h1><form><input name='name'><textarea name='text'></textarea><div class='g-recaptcha' data-sitekey='x'></div><button>Send</button></form><script src='https://www.google.com/recaptcha/api.js'></script>",
            ),
        ),
        (
            "/news/river",
            page(
                "River rises by a metre - Daily Bridge",
                "<article><h1>River rises by a metre</h1><p>After three days of rain the river rose by a metre on Tuesday. The lower road is closed, and the ferry does not run. The mayor said that</p><div class='wall'><p>Read on with a subscription.</p><form><input name='mail'><input type='password'><button>Log in</button></form></div></article>",
            ),
        ),
        (
            "/events/members",
            page(
                "Members-only evening",
                "<h1>Members-only evening</h1><p>On 3 May the hall is open to members and their guests. Soup and songs.</p>",
            ),
        ),
        (
            "/vault",
            page(
                "Password strength meter",
                "<h1>How strong is your password?</h1><form><input type='password' id='try'><output></output></form><p>Nothing is sent.</p><script src='/meter.js'></script>",
            ),
        ),
    ]


def _for_sale() -> list[tuple[str, str]]:
    return [
        (
            "/market",
            page(
                "Domains for sale",
                "<h1>Domains for sale</h1><ul><li>lamp.example 900 €</li><li>oak.example 2,000 €</li><li>river.example, make an offer</li></ul>",
            ),
        ),
        (
            "/boat",
            page(
                "Seabird is for sale",
                "<h1>Seabird is for sale</h1><p>A sloop of 12 metres, built in 1988, lying at Brightside. Make an offer.</p>",
            ),
        ),
        (
            "/",
            page(
                "brightside.example: buy and sell domains",
                "<h1>Brightside, the domain market</h1><p>4,000 domains are for sale with us. List yours for free.</p><a href='/list'>All domains</a>",
            ),
        ),
        (
            "/help/parking",
            page(
                "Parked domains",
                "<h1>What is a parked domain?</h1><p>A domain that is registered and has no site yet. Registrars show a page with advertisements.</p>",
            ),
        ),
    ]
