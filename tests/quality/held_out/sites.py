# ruff: noqa: E501  what a page says stands in a line
"""Soft 404s, empty shells and parked domains: source, status, and where a redirect led, if one did."""

from __future__ import annotations

from tests.quality.answers import page
from tests.quality.held_out.guards import Reply


def soft_404s() -> list[Reply]:
    shop = "<header><a href='/'>Brightside</a><nav><a href='/lamps'>Lamps</a><a href='/chairs'>Chairs</a><a href='/sale'>Sale</a></nav><form role='search'><input name='q'></form></header>"
    foot = "<footer><a href='/imprint'>Imprint</a><a href='/terms'>Terms</a><p>© 2026 Brightside. All rights reserved.</p></footer>"
    return [
        (
            page(
                "Page not found – Brightside",
                f"{shop}<main><h1 class='entry-title'>Page Not Found</h1><div class='intro-text'><p>The page you were looking for could not be found. It might have been removed, renamed, or did not exist in the first place.</p></div></main>{foot}",
            ),
            200,
            "",
        ),
        (
            page(
                "404 Not Found – Brightside",
                f"{shop}<main><p>404</p><h1 class='title'>Page not found</h1><a class='button' href='/collections/all'>Continue shopping</a></main>{foot}",
            ),
            200,
            "",
        ),
        (
            page(
                "404 - Errore: 404",
                "<h1>404 - La pagina richiesta non è stata trovata</h1><p><strong>Non sei in grado di visitare questa pagina a causa di:</strong></p><ol><li>un preferito non aggiornato</li><li>un indirizzo digitato male</li><li>non hai accesso a questa pagina</li></ol><a href='/'>Home Page</a>",
                lang="it",
            ),
            200,
            "",
        ),
        (
            page(
                "Brightside",
                f"{shop}<main><h1>Sorry, this product is no longer available</h1><p>The item you are looking for has been removed from our shop. Please try the search.</p><a href='/'>Back to the shop</a></main>{foot}",
            ),
            200,
            "",
        ),
        (
            page(
                "Nie znaleziono strony – Jasna Strona",
                "<main><h1>Ups! Nie można znaleźć tej strony.</h1><p>Wygląda na to, że niczego tutaj nie ma. Może spróbuj wyszukać?</p><form><input name='s'><button>Szukaj</button></form></main>",
                lang="pl",
            ),
            200,
            "",
        ),
        (
            page(
                "ページが見つかりません | ブライト",
                "<h1>お探しのページは見つかりませんでした</h1><p>お探しのページは移動または削除された可能性があります。</p><a href='/'>トップページへ戻る</a>",
                lang="ja",
            ),
            200,
            "",
        ),
        (
            page(
                "Brightside",
                f"{shop}<main><p>We couldn't find the page you were looking for. This is either because:</p><ul><li>There is an error in the URL entered into your web browser. Please check the URL and try again.</li><li>The page you are looking for has been moved or deleted.</li></ul><p>You can return to our homepage by <a href='/'>clicking here</a>.</p></main>{foot}",
            ),
            200,
            "",
        ),
        (
            page(
                "Ops! Página não encontrada",
                "<header><a href='/'>Loja</a></header><main><h1>404</h1><h2>Ops! Página não encontrada</h2><p>A página que você procura não existe ou foi movida.</p><a href='/'>Voltar ao início</a></main>",
                lang="pt",
            ),
            200,
            "",
        ),
        (
            page(
                "Brightside Forum",
                "<h1>Oops! That page doesn’t exist or is private.</h1><div class='popular-topics'><h2>Popular</h2><a href='/t/1'>Welcome</a><a href='/t/2'>Which oars do you use?</a><a href='/t/3'>Regatta in May</a></div><form><input name='q'><button>Search</button></form>",
            ),
            200,
            "",
        ),
    ]


def shells() -> list[Reply]:
    return [
        (
            page(
                "React App",
                "<noscript>You need to enable JavaScript to run this app.</noscript><div id='root'></div>",
                head="<script defer src='/static/js/main.3f1c.js'></script>",
            ),
            200,
            "",
        ),
        (
            page(
                "web",
                "<noscript><strong>We're sorry but web doesn't work properly without JavaScript enabled. Please enable it to continue.</strong></noscript><div id='app'></div><script src='/js/chunk-vendors.js'></script><script src='/js/app.js'></script>",
            ),
            200,
            "",
        ),
        (
            page(
                "",
                '<div id=\'__next\'></div><script id=\'__NEXT_DATA__\' type=\'application/json\'>{"props":{"pageProps":{}},"page":"/things/[slug]","query":{},"buildId":"dev","nextExport":true,"isFallback":true}</script>',
                head="<script src='/_next/static/chunks/main.js' defer></script>",
            ),
            200,
            "",
        ),
        (
            page(
                "Brightside",
                "<app-root></app-root><script src='runtime.js' type='module'></script><script src='main.js' type='module'></script>",
            ),
            200,
            "",
        ),
        (
            page(
                "Brightside",
                "<div id='__nuxt'><div id='nuxt-loading' aria-live='polite' role='status'><div>Loading...</div></div></div><script src='/_nuxt/entry.js' type='module'></script>",
            ),
            200,
            "",
        ),
        (
            page(
                "brightside",
                "<script src='flutter_bootstrap.js' async></script>",
                head="<base href='/'><link rel='manifest' href='manifest.json'>",
            ),
            200,
            "",
        ),
        (
            page(
                "Lichtseite",
                "<div class='spinner'></div><noscript>Bitte aktivieren Sie JavaScript in Ihrem Browser, um diese Seite zu nutzen.</noscript><main id='main-app'></main><script type='module' src='/assets/index-7d1a.js'></script>",
                lang="de",
            ),
            200,
            "",
        ),
        (
            page(
                "Brightside",
                "<div style='display: contents'><script>{__sveltekit_1x={base:''};const element=document.currentScript.parentElement;Promise.all([import('/_app/immutable/entry/start.js'),import('/_app/immutable/entry/app.js')]).then(([kit,app])=>kit.start(app,element));}</script></div>",
            ),
            200,
            "",
        ),
    ]


def parked() -> list[Reply]:
    return [
        (
            page(
                "The domain brightside.example is for sale",
                "<h1>The domain brightside.example is for sale</h1><p>Make an offer or buy it now.</p>",
            ),
            200,
            "",
        ),
        (
            '<!DOCTYPE html><html><head><script>window.onload=function(){window.location.href="/lander"}</script></head></html>',
            200,
            "",
        ),
        (
            page(
                "Registrant WHOIS contact information verification",
                "<h1>brightside.example</h1><p>This domain has been registered at Namecheap and is parked free of charge.</p><p>Related searches: Lamps, Chairs, Cheap flights</p>",
            ),
            200,
            "",
        ),
        (
            page(
                "BrightSide.example is for sale | HugeDomains",
                "<h1>BrightSide.example</h1><p>is for sale</p><p>Buy now: $2,895</p><p>Take immediate ownership. Transfer to the registrar of your choice. 30-day money back guarantee.</p><a href='https://www.hugedomains.com/'>Learn more</a>",
            ),
            200,
            "",
        ),
        (
            page(
                "brightside.example - Diese Website steht zum Verkauf!",
                "<p>Diese Website steht zum Verkauf! brightside.example ist Ihre erste und beste Informationsquelle über Lampen.</p><a href='https://sedo.com/search/details/?domain=brightside.example'>Domain erwerben</a><p>Der Inhaber dieser Domain parkt diese beim Domain-Parking-Programm.</p>",
                lang="de",
            ),
            200,
            "",
        ),
        (
            page(
                "Félicitations ! Votre domaine a bien été créé",
                "<h1>Félicitations ! Votre domaine brightside.example a bien été créé chez OVHcloud !</h1><p>Accédez à votre espace client pour le configurer.</p>",
                lang="fr",
            ),
            200,
            "",
        ),
        (
            page(
                "brightside.example",
                "<h1>Домен brightside.example припаркован</h1><p>Домен зарегистрирован и припаркован на бесплатном сервисе регистратора. Если вы владелец домена, подключите хостинг.</p>",
                lang="ru",
            ),
            200,
            "",
        ),
        (
            page(
                "brightside.example",
                "<h1>该域名正在出售</h1><p>brightside.example 正在出售，如有意购买请联系我们。</p><a href='mailto:sale@market.example'>联系购买</a>",
                lang="zh",
            ),
            200,
            "",
        ),
        (
            page(
                "IONOS",
                "<p>Diese Internetpräsenz wurde soeben erfolgreich registriert.</p><p>Hier entsteht in Kürze eine neue Internetpräsenz.</p><p>brightside.example</p>",
                lang="de",
            ),
            200,
            "",
        ),
    ]
