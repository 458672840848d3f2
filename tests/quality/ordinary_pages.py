# ruff: noqa: E501  what a page says stands in a line
"""Two hundred ordinary pages of our own making: what shops, blogs, clubs and offices put up, and traps."""

from __future__ import annotations

from tests.quality.answers import FOOTER, MENU, PROSE, LabelledAnswer, framed, page
from tests.quality.labelled import labelled_pages

_HEADER_LOGIN = (
    "<header><a href='/'>Club</a><form action='/login'><input name='u'><input type='password' name='p'>"
    "<button>Log in</button></form></header>"
)
_CAPTCHA = "<div class='g-recaptcha' data-sitekey='k'></div><script src='https://www.google.com/recaptcha/api.js'></script>"
_CLOUDFLARE_SCRIPT = "<script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script>"
_ANALYTICS = "<script src='https://stats.example/a.js'></script>"
_TAG_MANAGER = "<noscript><iframe src='https://tags.example/ns.html?id=1'></iframe></noscript>"
_DATA = (
    '{"props":{"products":['
    + ",".join(f'{{"id":{n},"name":"Lamp {n}","price":{n * 7}}}' for n in range(30))
    + "]}}"
)


def _traps() -> list[str]:
    """Pages that have the words or elements of answers that are no pages."""
    return [
        framed("How captchas tell people from robots", f"<h1>How captchas tell people from robots</h1><p>“Are you a robot?” asks the page, and you look for traffic lights. {PROSE * 2}</p>"),
        framed("Verify you are human: a short history", f"<h1>Verify you are human: a short history</h1><p>{PROSE}</p>"),
        framed("Contact us", f"<h1>Contact us</h1><p>Write to us, we answer within a day.</p><form><textarea name='t'></textarea>{_CAPTCHA}<button>Send</button></form>"),
        framed("Newsletter", f"<h1>Newsletter</h1><p>Tick “I'm not a robot” and send.</p><form><input name='mail'><textarea></textarea>{_CAPTCHA}</form>"),
        framed("I cannot log in", f"<h1>I cannot log in</h1><p>Check that you write your password with the right case. {PROSE}</p>"),
        framed("Login help", "<h1>Login help</h1><p>Forgot your password? Ask for a new one on the login page.</p>"),
        framed("Custom 404 pages", f"<h1>Custom 404 pages</h1><p>When a page is not found the server looks for 404.html.</p><pre>error_page 404 /404.html;</pre><p>{PROSE}</p>"),
        framed("404 Not Found | Web Handbook", f"<h1>404 Not Found</h1><p>The status 404 says that the server has no such resource. {PROSE * 2}</p>"),
        framed("404 Not Found | Web Handbook", "<h1>404 Not Found</h1><p>The resource could not be found, says this status.</p><pre>HTTP/1.1 404 Not Found</pre>"),
        framed("404 Not Found – The Lost Pages | Songs", "<h1>404 Not Found</h1><p>The Lost Pages, 2019. 3:41. From the album Server Room. Add to cart € 0.99. One of the calmest songs of the record, it was played at every show of the tour that year.</p>"),
        framed("403 Forbidden | Web Handbook", f"<h1>403 Forbidden</h1><p>{PROSE * 2}</p>"),
        framed("Access Denied – board game", f"<h1>Access Denied</h1><p>A game for three to five burglars. € 34.90</p><button>Add to cart</button><p>{PROSE}</p>"),
        framed("Access Denied", "<h1>Access Denied</h1><p class='price'>€ 24.90</p><p>Sticker for the door of a teenager. In stock.</p><button>Add to cart</button>"),
        framed("Forbidden", f"<h1>Forbidden</h1><p>A novel by Ada Moor. 312 pages, hardcover. {PROSE}</p>"),
        framed("Blocked", "<h1>Blocked</h1><p>A film by Leo Hart, 98 minutes. On Friday at eight in the small hall.</p>"),
        framed("Security check", f"<h1>Security check</h1><p>Once a year a technician looks at your gas heating. {PROSE}</p>"),
        framed("Not Found", "<h1>Not Found</h1><p>A novel by Ada Moor about a man who loses a key.</p><meta property='og:type' content='article'>", head="<meta property='og:type' content='product'>"),
        page("Hello", "<h1>Hello</h1>"),
        page("", "three small words"),
        page("", "ok"),
        page("Moved house", "<p>We have moved.</p>"),
        page("", ""),
        page("Brightside", "<img src='/poster.png' alt='Opening on Friday'>"),
        page("Club", f"{_HEADER_LOGIN}<main><h1>Summer party</h1><p>{PROSE}</p></main>"),
        page("Club", f"{_HEADER_LOGIN}<main><h1>Next game</h1><p>Sunday at three against the village.</p></main>"),
        page("Club", f"<div class='modal'><h2>Log in</h2><form><input type='password'><button>Log in</button></form></div><h1>Next game</h1><p>{PROSE}</p>"),
        page("Club", f"<h1>Members</h1><p>{PROSE * 2}</p><form><input name=u><input type='password'><button>Log in</button></form>"),
        framed("Create an account", "<h1>Create an account</h1><form><input name='mail'><input type='password' name='a'><input type='password' name='b'><button>Register</button></form>"),
        framed("Wi-Fi password generator", "<h1>Password generator</h1><p>Press the button for a new one.</p><input type='password' id='out'><button>New</button>"),
        page("Shop", f"<div id='root' data-reactroot><h1>Blue lamp</h1><p>{PROSE}</p></div><noscript>You need to enable JavaScript to run this app.</noscript>{_ANALYTICS}"),
        page("Shop", f"<div id='__next'><main><h1>Blue lamp</h1><p>€ 39.90</p></main></div><script id='__NEXT_DATA__' type='application/json'>{_DATA}</script>"),
        page("Shop", f"<div id='__next'></div><script id='__NEXT_DATA__' type='application/json'>{_DATA}</script>"),
        page("Shop", f"<div id='app'></div><script>window.__STATE__ = {_DATA * 3};</script>"),
        page("Shop", f"<div id='root'></div><h1>Blue lamp</h1><p>{PROSE}</p>{_ANALYTICS}"),
        page("Map", f"<div id='map'><canvas></canvas></div>{_ANALYTICS}"),
        page("Player", f"<video src='a.mp4'></video>{_ANALYTICS}<noscript>Enable JavaScript for subtitles.</noscript>"),
        page("Moss", f"<h1>Moss</h1><p>It drinks with its leaves and has no roots at all.</p><div id='disqus'></div><noscript>Please enable JavaScript to view the comments.</noscript>{_ANALYTICS}"),
        page("Tiny", f"<h1>Closed today</h1>{_ANALYTICS}{_TAG_MANAGER}"),
        page("Tiny", f"<p>Back on Monday.</p>{_ANALYTICS}<noscript><img src='/pixel.gif'></noscript>"),
        framed("Lamps", "<h1>Lamps</h1><p>No products were found matching your selection.</p>"),
        framed("Lamps", "<h1>Lamps</h1><p>We are restocking. All lamps are sold out at the moment.</p>"),
        framed("Search results for “xylophone”", "<h1>Nothing found</h1><p>Sorry, nothing was found for your search. Try other words.</p>"),
        framed("Your cart", "<h1>Your cart is empty</h1><p>Nothing here yet.</p>"),
        framed("Lost and found", "<h1>Lost and found</h1><p>A red umbrella was found on line 4. Its owner was not found.</p>"),
        framed("Species not found in the valley", "<h1>Not found in the valley</h1><p>These birds do not exist here any more.</p>"),
        framed("This domain is for sale: how to read the offer", f"<h1>This domain is for sale: how to read the offer</h1><p>{PROSE}</p>"),
        framed("lamps.example is for sale", "<h1>lamps.example</h1><p>This domain is for sale. Buy this domain for € 900. Make an offer on this domain.</p>"),
        framed("House for sale", f"<h1>House for sale</h1><p>{PROSE}</p>"),
        framed("Parking", "<h1>Parking</h1><p>Our guests park free behind the house.</p>"),
        framed("shop.example – lamps", "<h1>Welcome to shop.example</h1><p>Lamps, chairs and tables.</p>"),
        page("Brightside", f"<h1>Blue lamp</h1><p>{PROSE}</p>{_CLOUDFLARE_SCRIPT}"),
        page("Brightside", "<h1>Blue lamp</h1><p>€ 20</p><script src='https://js.datadome.co/tags.js'></script>"),
        page("Brightside", "<h1>Blue lamp</h1><p>€ 20</p><script>window._pxAppId='PX1';</script>"),
        page("Brightside", "<h1>Blue lamp</h1><p>A lamp that lights a whole room.</p><script src='/_Incapsula_Resource?SWJIYLWA=1'></script>"),
        page("Loading dock 4", f"<h1>Loading</h1><p>Trucks wait here from six to nine.</p>{_ANALYTICS}"),
        page("Firewall settings", f"<h1>Firewall</h1><p>Requests that look malicious are blocked; the log has the Ray ID. {PROSE}</p>"),
        page("Robots", f"<h1>I, robot</h1><p>Are you human? asks the play by Jan Rot. {PROSE}</p>"),
        page("Just a moment | Poems", "<h1>Just a moment</h1><p>Between the bell and the door<br>there is a breath that nobody takes.</p>"),
        page("Oops", "<h1>Oops</h1><p>Our dog ate the menu of this week. Ask us at the bar.</p>"),
        page("404", "<h1>404</h1><p>A club for electronic music. Friday: Mira and the Waves. Doors open at ten.</p>"),
    ]  # fmt: skip


_SUBJECTS = (
    ("Blue lamp", "Opening hours", "About us", "Terms and conditions", "Delivery", "Our team", "Jobs")
    + (
        "Oak table",
        "Chess evening",
        "Minutes of May",
        "How to get here",
        "Price list",
        "Weather of today",
        "FAQ",
    )
    + ("Summer party", "Choir", "Bus times", "Blog", "Lost keys", "Gallery")
)


def _usual() -> list[str]:
    """Pages of many lengths, with and without menus, headings and scripts."""
    pages = []
    for number, subject in enumerate(_SUBJECTS):
        lines = f"<h1>{subject}</h1><p>{subject} number {number}. {PROSE * (number % 5)}</p>"
        pages += [
            framed(f"{subject} | Brightside", lines),
            page(subject, lines),
            page("", f"<p>{subject}, {number} euros.</p>"),
            page(f"{subject} - Club", f"{_HEADER_LOGIN}{lines}{FOOTER}"),
            page(subject, f"<div id='root'>{MENU}{lines}</div>{_ANALYTICS}{_TAG_MANAGER}"),
            framed(subject, lines * 20),
        ]
    return pages


def ordinary_pages() -> list[LabelledAnswer]:
    """All of them, those of the main texts too."""
    sources = [*_traps(), *_usual(), *(each.source for each in labelled_pages())]
    logins = [
        LabelledAnswer("", page("Log in", "<h1>Log in</h1><form><input type='password'></form>"), url)
        for url in (
            "https://shop.example/login",
            "https://login.shop.example/",
            "https://shop.example/account/",
        )
    ]
    return [*[LabelledAnswer("", source) for source in sources], *logins]
