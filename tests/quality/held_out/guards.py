# ruff: noqa: E501  what a page says stands in a line
"""Block pages and logins: source, status, and where a redirect led, if one did."""

from __future__ import annotations

from tests.quality.answers import page

Reply = tuple[str, int, str]


def blocks() -> list[Reply]:
    return [
        (
            page(
                "Just a moment...",
                "<div class='main-content'><h1 class='zone-name-title h1'>brightside.example</h1><p class='h2'>Verifying you are human. This may take a few seconds.</p><div class='core-msg spacer'>brightside.example needs to review the security of your connection before proceeding.</div></div><div class='footer'>Ray ID: <code>8f2c6a</code> Performance &amp; security by Cloudflare</div><script>var a=document.createElement('script');a.src='/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1?ray=8f2c6a';document.head.appendChild(a);</script>",
            ),
            403,
            "",
        ),
        (
            page(
                "Access denied | brightside.example used Cloudflare to restrict access",
                "<div id='cf-wrapper'><h1><span>Error</span> <span>1020</span></h1><h2>Access denied</h2><p>You do not have access to brightside.example.</p><p>The site owner may have set restrictions that prevent you from accessing the site.</p><span>Cloudflare Ray ID: 8f2c</span></div>",
            ),
            403,
            "",
        ),
        (
            page(
                "Access to this page has been denied",
                "<h1>Avant de continuer...</h1><p>Appuyez et maintenez pour confirmer que vous êtes un humain (et non un robot).</p><div id='px-captcha'></div><p>Identifiant de référence : 7ab1-22f0</p>",
                head="<meta name='description' content='px-captcha'>",
                lang="fr",
            ),
            403,
            "",
        ),
        (
            "<html><head></head><body><script>window.KPSDK={};KPSDK.now=Date.now;KPSDK.start=KPSDK.now();</script><script src='/149e9513-01fa-4fb0-aad4-566afd725d1b/2d206a39-8ed7-437e-a3be-862e0f06eea3/ips.js?tkrm=alpekz'></script></body></html>",
            200,
            "",
        ),
        (
            "<html><head><title>Request Rejected</title></head><body>The requested URL was rejected. Please consult with your administrator.<br><br>Your support ID is: 1203984756620<br><br><a href='javascript:history.back();'>[Go Back]</a></body></html>",
            200,
            "",
        ),
        (
            page(
                "Sucuri WebSite Firewall - Access Denied",
                "<section class='center'><h1>Access Denied - Sucuri Website Firewall</h1><p>If you are the site owner (or you manage this site), please whitelist your IP or if you think this block is an error please open a support ticket and make sure to include the block details.</p><table><tr><td>Your IP:</td><td>192.0.2.7</td></tr><tr><td>Block ID:</td><td>BNP005</td></tr><tr><td>Block reason:</td><td>Bad bot access attempt.</td></tr></table></section>",
            ),
            403,
            "",
        ),
        (
            page(
                "Brightside",
                "<h4>Geben Sie die Zeichen unten ein</h4><p>Wir bitten um Ihr Verständnis und wollen uns sicher sein, dass Sie kein Bot sind.</p><form action='/errors/validateCaptcha'><img src='/captcha/abcd/Captcha_x.jpg'><input id='captchacharacters' name='field-keywords'><button>Weiter shoppen</button></form>",
                lang="de",
            ),
            200,
            "",
        ),
        (
            page(
                "Making sure you're not a bot!",
                "<main><h1 id='title' class='centered-div'>Making sure you're not a bot!</h1><div class='centered-div'><img id='image' src='/.within.website/x/cmd/anubis/static/img/pensive.webp'><p id='status'>Loading...</p><details><summary>Why am I seeing this?</summary><p>You are seeing this because the administrator of this website has set up Anubis to protect the server against the scourge of AI companies aggressively scraping websites.</p></details><noscript><p>Sadly, you must enable JavaScript to get past this challenge.</p></noscript></div></main>",
            ),
            200,
            "",
        ),
        (
            page(
                "Вы не робот?",
                "<h1>Подтвердите, что запросы отправляли вы, а не робот</h1><p>Нам очень жаль, но запросы с вашего устройства похожи на автоматические.</p><form action='/checkcaptcha'><div class='CheckboxCaptcha'><input type='checkbox'> Я не робот</div></form><div>SmartCaptcha by Yandex Cloud</div>",
                lang="ru",
            ),
            200,
            "",
        ),
        (
            page(
                "Pardon Our Interruption",
                "<h1>Pardon Our Interruption...</h1><p>As you were browsing, something about your browser made us think you were a bot. There are a few reasons this might happen:</p><ul><li>You're a power user moving through this website with super-human speed.</li><li>You've disabled cookies in your web browser.</li><li>A third-party browser plugin is preventing JavaScript from running.</li></ul>",
            ),
            200,
            "",
        ),
        (
            page(
                "Acceso bloqueado",
                "<h1>Demasiadas solicitudes</h1><p>Hemos detectado actividad inusual desde su dirección IP. Su acceso ha sido bloqueado temporalmente. Resuelva el captcha para continuar.</p><div class='h-captcha' data-sitekey='x'></div>",
                lang="es",
            ),
            200,
            "",
        ),
    ]


def logins() -> list[Reply]:
    menu = "<header><a href='/'>Brightside Rowing</a> <nav><a href='/about'>About</a><a href='/boats'>Boats</a><a href='/join'>Join</a></nav></header>"
    return [
        (
            page(
                "Brightside Rowing",
                f"{menu}<h1>Members only</h1><p>This part of our site is for members of the club.</p><form method='post'><label>E-mail <input name='email'></label><label>Password <input type='password' name='pw'></label><button>Continue</button></form><p>Not a member yet? <a href='/join'>Join us</a></p>",
            ),
            200,
            "",
        ),
        (
            page(
                "Anmelden ‹ Ruderverein — WordPress",
                "<div id='login'><h1><a href='https://de.wordpress.org/'>Powered by WordPress</a></h1><form name='loginform' id='loginform' action='/wp-login.php' method='post'><label>Benutzername oder E-Mail-Adresse</label><input name='log'><label>Passwort</label><input type='password' name='pwd'><label><input type='checkbox' name='rememberme'> Angemeldet bleiben</label><input type='submit' value='Anmelden'></form><a href='/wp-login.php?action=lostpassword'>Passwort vergessen?</a><a href='/'>← Zu Ruderverein</a></div>",
                lang="de",
            ),
            200,
            "https://brightside.example/wp-login.php?redirect_to=%2Fthings",
        ),
        (
            page(
                "Connectez-vous à Intranet",
                "<div id='kc-header'>Intranet</div><h1 id='kc-page-title'>Connectez-vous à votre compte</h1><form id='kc-form-login' method='post'><label>Nom d'utilisateur ou courriel</label><input name='username'><label>Mot de passe</label><input type='password' name='password'><label><input type='checkbox'> Se souvenir de moi</label><input type='submit' value='Connexion'></form>",
                lang="fr",
            ),
            200,
            "https://sso.brightside.example/realms/main/protocol/openid-connect/auth?client_id=web",
        ),
        (
            page(
                "Sign in to your account",
                "<div role='heading'>Sign in</div><form method='post'><input type='email' name='loginfmt' placeholder='Email, phone, or Skype'><a href='/signup'>No account? Create one!</a><a href='/reset'>Can’t access your account?</a><input type='submit' value='Next'></form>",
            ),
            200,
            "https://login.microsoftonline.example/common/oauth2/v2.0/authorize?client_id=1",
        ),
        (
            page(
                "Rowing Forum - User Control Panel - Login",
                f"{menu}<h2>The board requires you to be registered and logged in to view this forum.</h2><form action='./ucp.php?mode=login' method='post'><dl><dt>Username:</dt><dd><input name='username'></dd><dt>Password:</dt><dd><input type='password' name='password'></dd></dl><a href='./ucp.php?mode=sendpassword'>I forgot my password</a><label><input type='checkbox'> Remember me</label><input type='submit' value='Login'></form><h3>Register</h3><p>In order to login you must be registered. Registering takes only a few moments but gives you increased capabilities.</p>",
            ),
            200,
            "",
        ),
        (
            page(
                "Área privada",
                "<h1>Área privada</h1><p>Introduzca su usuario y contraseña para acceder a este contenido.</p><form method='post'><input name='usuario' placeholder='Usuario'><input type='password' name='clave' placeholder='Contraseña'><button>Entrar</button></form><a href='/recuperar'>¿Ha olvidado su contraseña?</a>",
                lang="es",
            ),
            200,
            "",
        ),
        (
            page(
                "Protected: Minutes of March",
                f"{menu}<article><h1>Protected: Minutes of March</h1><form action='/wp-login.php?action=postpass' class='post-password-form' method='post'><p>This content is password protected. To view it please enter your password below:</p><label>Password: <input name='post_password' type='password'></label><input type='submit' value='Enter'></form></article>",
            ),
            200,
            "",
        ),
        (
            page(
                "会員ログイン",
                "<h1>会員ログイン</h1><p>このページをご覧いただくにはログインが必要です。</p><form method='post'><input type='text' name='id' placeholder='会員ID'><input type='password' name='pw' placeholder='パスワード'><button>ログイン</button></form><a href='/register'>新規会員登録</a>",
                lang="ja",
            ),
            200,
            "",
        ),
    ]
