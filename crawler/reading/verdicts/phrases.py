"""What answers say that are no pages, in lower case, in the languages that most of the web is written in.

:data:`SIGNS` holds those of which a page of more than a few words must say one to be looked at twice.
"""

from __future__ import annotations

NOT_FOUND_TITLES = (
    "404", "error 404", "404 error", "404 not found", "not found", "page not found", "404 page not found",
    "http 404", "oops", "file not found", "product not found", "article not found", "page does not exist",
    "this page does not exist", "page doesn't exist", "this page doesn't exist", "page unavailable",
    "page not available", "we can't find that page", "this page could not be found", "page can't be found",
    "that page can't be found", "the page you requested was not found", "this page isn't available",
    "item not found", "document not found", "error 404 not found", "404 file not found", "content not found",
    "nicht gefunden", "seite nicht gefunden", "fehler 404", "404 fehler", "404 seite nicht gefunden",
    "die seite wurde nicht gefunden", "artikel nicht gefunden", "produkt nicht gefunden",
    "page non trouvée", "page introuvable", "erreur 404", "404 page introuvable", "page inexistante",
    "página no encontrada", "error 404 página no encontrada", "no encontrado", "404 página no encontrada",
    "pagina non trovata", "errore 404", "404 pagina non trovata", "página não encontrada", "erro 404",
    "404 página não encontrada", "pagina niet gevonden", "404 pagina niet gevonden", "fout 404",
    "nie znaleziono strony", "strona nie istnieje", "nie znaleziono", "błąd 404", "strona nie znaleziona",
    "страница не найдена", "ошибка 404", "404 страница не найдена", "не найдено",
    "ページが見つかりません", "お探しのページは見つかりません",
    "お探しのページは見つかりませんでした",
    "404 ページが見つかりません",
    "页面不存在", "页面未找到", "找不到页面", "404 页面不存在", "404 页面未找到",
    "الصفحة غير موجودة", "خطأ 404", "404 الصفحة غير موجودة", "sayfa bulunamadı", "404 sayfa bulunamadı",
    "hata 404", "sidan hittades inte", "sidan kunde inte hittas", "404 sidan hittades inte",
)  # fmt: skip
"""A title or heading that is one of these, signs at its ends aside, says that there is no such page."""

NOT_FOUND_SENTENCES = (
    "could not be found", "couldn't be found", "cannot be found", "can't be found", "was not found",
    "does not exist", "doesn't exist", "no longer exists", "no longer available", "can't find the page",
    "cannot find the page", "couldn't find the page", "could not find the page", "can't find that page",
    "has been moved", "has been removed", "may have been moved", "may have moved", "been deleted",
    "page you are looking for", "page you were looking for", "page you requested", "page not found",
    "existiert nicht", "nicht gefunden", "nicht mehr verfügbar", "wurde verschoben", "gibt es nicht",
    "n'existe pas", "n'existe plus", "introuvable", "nothing was found", "a été supprimée",
    "no existe", "no se encuentra", "no se ha encontrado", "ya no está disponible",
    "non esiste", "non è stata trovata", "non è più disponibile", "não existe", "não foi encontrada",
    "bestaat niet", "niet gevonden", "kon niet worden gevonden", "nie istnieje", "nie została znaleziona",
    "не существует", "не найдена", "была удалена", "見つかりません", "存在しない", "削除された",
    "不存在", "未找到", "已被删除", "غير موجودة", "لم يتم العثور", "bulunamadı", "mevcut değil",
    "hittades inte", "finns inte", "kunde inte hittas",
)  # fmt: skip

NOT_FOUND_STATEMENTS = (
    "page could not be found", "page couldn't be found", "page cannot be found", "page can't be found",
    "page was not found", "page does not exist", "page doesn't exist", "page no longer exists",
    "page is no longer available", "page you requested was not found", "page you requested could not",
    "n't find the page", "n't find that page", "n't find this page", "not find the page",
    "not find that page", "nothing was found at this location", "product is no longer available",
    "item is no longer available", "article is no longer available", "product could not be found",
    "item could not be found", "seite existiert nicht", "seite gibt es nicht",
    "seite konnte nicht gefunden", "seite wurde nicht gefunden", "artikel ist nicht mehr verfügbar",
    "produkt ist nicht mehr verfügbar", "page n'existe pas", "page n'existe plus", "page est introuvable",
    "page demandée est introuvable", "page demandée n'", "produit n'est plus disponible",
    "página que busca no", "página que buscas no", "página solicitada no", "página no existe",
    "producto ya no está disponible", "pagina richiesta non", "pagina che cerchi non",
    "pagina che stai cercando non", "pagina non esiste", "prodotto non è più disponibile",
    "página que você procura não", "página que você está procurando não", "página não existe",
    "produto não está mais disponível", "pagina bestaat niet", "product is niet meer beschikbaar",
    "znaleźć tej strony", "znaleźć strony", "strona, której szukasz, nie", "strona nie została znaleziona",
    "produkt jest już niedostępny", "страницы не существует", "страница не существует",
    "запрошенная страница не", "お探しのページは", "ページは存在しません", "您访问的页面不存在",
    "您要访问的页面不存在", "الصفحة التي تبحث عنها غير", "aradığınız sayfa bulunamadı", "sidan finns inte",
)  # fmt: skip
"""What only a page says that stands for another which is not there."""

LOGIN_WORDS = (
    "log in", "login", "sign in", "signin", "sign-in", "log-in", "anmelden", "anmeldung", "einloggen",
    "connexion", "se connecter", "connectez-vous", "identifiez-vous", "iniciar sesión", "inicia sesión",
    "acceder", "accedi", "accesso", "entrar", "iniciar sessão", "inloggen", "aanmelden", "zaloguj",
    "logowanie", "войти", "вход", "авторизация", "ログイン", "サインイン", "登录", "登入", "تسجيل الدخول",
    "giriş yap", "oturum aç", "logga in", "inloggning",
)  # fmt: skip

GATES = (
    "members only", "members-only", "for members only", "members area", "member area", "members' area",
    "private area", "restricted area", "subscribers only", "nur für mitglieder", "mitgliederbereich",
    "interner bereich", "geschützter bereich", "nur für abonnenten", "réservé aux membres",
    "réservé aux adhérents", "réservée aux membres", "réservé aux abonnés", "espace membre",
    "espace adhérent", "área privada", "solo para socios", "sólo para socios", "zona privada",
    "area riservata", "riservato ai soci", "riservata ai soci", "área restrita", "área reservada",
    "alleen voor leden", "ledengedeelte", "strefa członków", "tylko dla członków",
    "только для зарегистрированных", "личный кабинет", "会員専用", "会員限定", "会员专区", "للأعضاء فقط",
    "üyelere özel", "endast för medlemmar", "medlemssidor",
)  # fmt: skip
"""A title or first heading that keeps a page for those who have a password holds one of these."""

FORGOTTEN = (
    "forgot", "lost your password", "passwort vergessen", "kennwort vergessen", "mot de passe oublié",
    "olvidado", "olvidaste", "password dimenticata", "esqueceu", "esqueci", "wachtwoord vergeten",
    "zapomnia", "забыли пароль", "パスワードを忘れ", "忘记密码", "نسيت كلمة", "şifremi unuttum", "glömt",
)  # fmt: skip
"""What is asked beside a password that was chosen before."""

GATE_SENTENCES = (
    "log in to view", "log in to continue", "login to view", "login to continue", "log in to see",
    "log in to access", "sign in to view", "sign in to continue", "sign in to see", "sign in to access",
    "must be logged in", "to be logged in", "must log in", "must sign in", "login required",
    "need to log in", "need to sign in", "password protected", "password-protected", "is for members",
    "passwortgeschützt", "melden sie sich an, um", "loggen sie sich ein, um", "müssen angemeldet sein",
    "protégé par un mot de passe", "connectez-vous pour", "vous connecter pour", "devez être connecté",
    "su usuario y contraseña", "tu usuario y contraseña", "debe iniciar sesión", "debes iniciar sesión",
    "inicia sesión para", "inicie sesión para", "protetto da password", "accedi per", "faça login para",
    "log in om", "zaloguj się, aby", "musisz być zalogowany", "необходимо войти", "войдите, чтобы",
    "ログインが必要", "ログインしてください", "请先登录", "يجب تسجيل الدخول",
    "giriş yapmalısınız", "logga in för att",
)  # fmt: skip
"""What a page says that shows nothing to those without a password."""

REFUSALS = (
    "access denied", "access forbidden", "forbidden", "403 forbidden", "403", "error 403", "request blocked",
    "request denied", "blocked", "you have been blocked", "sorry, you have been blocked", "access blocked",
    "access to this page has been denied", "access to this page has been denied.", "your access is denied",
    "attention required!", "pardon our interruption", "pardon our interruption...", "too many requests",
    "429 too many requests", "security check", "unauthorized access", "zugriff verweigert",
    "zugriff gesperrt", "accès refusé", "accès interdit", "acceso denegado", "accesso negato",
    "acesso negado", "toegang geweigerd", "odmowa dostępu", "доступ запрещен", "доступ запрещён",
    "доступ ограничен", "アクセスが拒否されました", "访问被拒绝", "تم رفض الوصول", "erişim engellendi",
    "åtkomst nekad", "request rejected", "zugriff blockiert", "zu viele anfragen", "anfrage blockiert",
    "accès bloqué", "trop de requêtes", "acceso bloqueado", "demasiadas solicitudes", "accesso bloccato",
    "troppe richieste", "acesso bloqueado", "muitas solicitações", "toegang geblokkeerd",
    "te veel verzoeken", "dostęp zablokowany", "zbyt wiele żądań", "слишком много запросов",
    "доступ заблокирован", "アクセス制限", "リクエストが多すぎます", "请求过于频繁", "访问受限",
    "çok fazla istek", "för många förfrågningar",
)  # fmt: skip
"""A title or heading that is one of these."""

REFUSAL_SENTENCES = (
    "you don't have permission to access", "you do not have permission to access", "has been blocked",
    "you have been blocked", "you are blocked", "security service to protect", "unusual traffic",
    "unusual activity", "automated requests", "automated access", "suspicious activity", "your ip address",
    "malicious", "bot activity", "as a robot", "think you were a bot", "ray id", "incident id",
    "reference id", "reference #", "support id", "security rules", "security policy", "firewall",
    "too many requests", "rate limit", "sie haben keine berechtigung", "ihre ip-adresse",
    "vous n'avez pas l'autorisation", "votre adresse ip", "no tiene permiso", "su dirección ip",
    "ваш ip", "に対する権限がありません", "您的ip", "is temporarily limited", "request was rejected",
    "requested url was rejected",
    "ungewöhnliche aktivität", "automatisierte anfragen", "activité inhabituelle",
    "requêtes automatisées", "actividad inusual", "attività insolita", "atividade incomum",
    "запросы похожи на автоматические", "подозрительная активность",
)  # fmt: skip

HUMAN_CHECKS = (
    "verify you are human", "verify you are a human", "verify that you are human", "are you a robot",
    "are you human", "are you a human", "i'm not a robot", "not a robot", "prove you are human",
    "prove that you are human", "confirm you are a human", "confirm you are human", "you are not a bot",
    "checking your browser", "verify your browser", "verifying your browser",
    "checking if the site connection is secure", "just a moment",
    "one more step", "complete the security check", "enter the characters you see", "solve the captcha",
    "complete the captcha", "press & hold", "press and hold", "human verification", "bot verification",
    "security verification", "bist du ein mensch", "sind sie ein mensch", "kein roboter",
    "sicherheitsüberprüfung", "êtes-vous un robot", "vous n'êtes pas un robot", "vérification de sécurité",
    "no soy un robot", "no eres un robot", "verifica que eres humano", "non sono un robot", "não sou um robô",
    "geen robot", "nie jestem robotem", "вы не робот", "не робот", "ロボットではありません",
    "making sure you're not a bot", "verifying you are human", "kein bot", "zeichen unten ein",
    "you're not a robot", "that you're human", "resuelva el captcha", "resuelve el captcha",
    "lösen sie das captcha", "résoudre le captcha", "risolvi il captcha", "resolva o captcha",
    "confirmez que vous êtes un humain", "confirme que eres humano", "confirma que eres humano",
    "我不是机器人", "安全验证", "人机验证", "لست برنامج روبوت", "robot değilim", "inte en robot",
)  # fmt: skip

FOR_SALE = (
    "this domain is for sale", "this domain may be for sale", "domain is for sale", "domain may be for sale",
    "buy this domain", "this domain is parked", "domain is parked", "parked free", "parked domain",
    "this domain has been registered", "this domain has expired", "domain has expired",
    "domain name has expired", "inquire about this domain", "make an offer on this domain",
    "the domain owner", "domain parking", "is registered, but", "domain was recently registered",
    "get this domain", "interested in this domain", "diese domain steht zum verkauf", "domain kaufen",
    "diese domain ist geparkt", "ce domaine est à vendre", "nom de domaine est à vendre",
    "este dominio está en venta", "dominio in vendita", "questo dominio è in vendita",
    "este domínio está à venda", "dit domein is te koop", "deze domeinnaam is te koop",
    "ta domena jest na sprzedaż", "домен продается", "домен продаётся", "ドメインは販売中",
    "该域名正在出售", "域名出售", "هذا النطاق للبيع", "bu alan adı satılık", "domänen är till salu",
    "diese website steht zum verkauf", "diese webseite steht zum verkauf", "the domain is for sale",
    "the domain name is for sale", "the domain may be for sale", "domain-parking", "take immediate ownership",
    "the domain has expired", "der inhaber dieser domain parkt", "wurde soeben erfolgreich registriert",
    "hier entsteht eine neue internetpräsenz", "hier entsteht in kürze eine neue internetpräsenz",
    "die domain steht zum verkauf", "die domain ist geparkt", "le domaine est à vendre",
    "le nom de domaine est à vendre", "votre domaine a bien été créé", "ce nom de domaine a été enregistré",
    "el dominio está en venta", "el dominio está aparcado", "il dominio è in vendita",
    "o domínio está à venda", "het domein is te koop", "domena jest na sprzedaż", "domena jest zaparkowana",
    "домен припаркован", "домен выставлен на продажу", "домен зарегистрирован и припаркован",
    "this premium domain", "premium domain is available", "domain ist bei uns geparkt",
    "von einem unserer kunden registriert",
    "срок регистрации домена истек", "このドメインは販売中", "此域名正在出售", "域名已过期",
)  # fmt: skip
"""What is said with the page's own domain, the domain itself taken out of the text."""

PLACEHOLDERS = (
    "future home of something quite cool", "diese internetpräsenz wurde soeben erfolgreich registriert",
    "this site is parked", "this web page is parked", "default web page of this domain",
)  # fmt: skip
"""What registrars say for a site that nobody has made yet, without the name of its domain."""

OFFERS = (
    "{} is for sale", "{} may be for sale", "{} is parked", "{} steht zum verkauf", "{} ist geparkt",
    "{} est à vendre", "{} está en venta", "{} è in vendita", "{} está à venda", "{} is te koop",
    "{} jest na sprzedaż", "{} продается", "{} продаётся", "{} 正在出售", "{}は販売中",
    "{} satılık", "{} är till salu",
)  # fmt: skip
"""How a title, heading or text begins that offers the page's own domain by its name."""

LOADING = (
    "loading", "please wait", "wird geladen", "laden", "bitte warten", "chargement", "cargando",
    "caricamento", "carregando", "ładowanie", "загрузка", "読み込み中", "加载中", "جار التحميل", "yükleniyor",
    "laddar",
)  # fmt: skip

SIGNS = tuple(
    dict.fromkeys(NOT_FOUND_TITLES + NOT_FOUND_STATEMENTS + REFUSALS + HUMAN_CHECKS + FOR_SALE + PLACEHOLDERS)
    | dict.fromkeys(offer.format("").strip() for offer in OFFERS)
)
