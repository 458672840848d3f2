"""Words of each language, between bars, that Hypothesis mixes."""

MARKUP = (
    "<|>|/|</|<!--|-->|<![CDATA[|]]>|<!DOCTYPE html>|<!DOCTYPE x [<!ENTITY a 'b'>]>|&a;|&amp;|&#0;|"
    "&#xD800;|&#x110000;|<html>|<head>|<title>|</title>|<base href=|<meta charset=|"
    "<meta name=robots content=|utf-16|shift_jis|noindex|<script>|</script>|"
    "<template shadowrootmode=open>|</template>|<svg>|<math>|<table>|<a href=|<a rel=nofollow href=|"
    "<h1>|</h1>|<p>|<frameset>|<select>|<plaintext>|<textarea>|'|\"|=| |\n|\x00|\x0c|//b.test/|"
    "?a=b&c|#d|x|\xfc"
)
XML = (
    "<?xml version='1.0'?>|<?xml version='1.0' encoding='utf-16'?>|"
    "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>|<url>|<loc>|</loc>|</url>|"
    "<lastmod>|2026-01-01|0000-00-00|9999-12-31T23:59:59+14:00|Mon, 32 Jan 2026|<sitemapindex>|"
    "<sitemap>|<rss>|<channel>|<item>|<link>|</link>|<feed>|<entry>|<a:b|xml:base=|<!ENTITY|"
    "<![CDATA[|]]>|&amp;|&x;|&|http://a.test/|\x1f\x8b|\x00|>|<|/|'| |\n"
)
ROBOTS = (
    "User-agent|user-agent: |*|Crawlbeat|Disallow: |Allow: |Crawl-delay: |Sitemap: |:|/|$|%41|%|%zz|"
    "\xfc|*|1e999|nan|-1|0.5|\n|\r|\r\n|#| |\x00|http://a.test/s.xml|\ufeff"
)
HEADERS = (
    "HTTP/1.1 200 OK\r\n|HTTP/1.0 302 F\r\n|HTTP/1.2 999 \r\n|HTTP/1.1 100 \r\n\r\n|Location: |"
    "//b.test/|\\\\b|javascript:|Content-Type: |text/html|Content-Length: |"
    'Transfer-Encoding: chunked\r\n|5\r\nabcde\r\n|0\r\n\r\n|ETag: |"x"|\r\n|\n|\r|:| |\t|\x00|\xff|'
    "\xfc|Retry-After: |-1|Set-Cookie: |Link: "
)
URLS = (
    "http|https|ftp|:|//|/|\\|@|user:pw@|[::1]|[|]|127.1|0x7f.1|%00|%2e%2e|..|.|;|?|#|&|=|:80|:99999|"
    "a.test|\xfc.test|xn--|xn--a|\u3002|\u200d|%|%zz| |\t|\n|\x00|\ud800|\U0001f600"
)
PATTERNS = (
    "re:|http|*|?|(|)|[|]|{|}|{1,99999}|(?:|(?P<n>|(?<=|(?!|\\|\\1|+|.|^|$|||a|\xe9|\n| |^http://a\\.test/"
)
CRON = "*|/|,|-| |0|1|5|7|31|60|99|2|L|W|#|?|MON|FEB|@daily|@|\t|\n|\xfc|-1|1-5|*/0|*/7|29 2|5#5|LW"
FIELDS = (
    "name|=| = |h1|::text|::attr(|href|)|.x|#y|>|+|~|,|[|]|:not(|:nth-child(|2n+1|//a|/@href|xpath:|"
    "css:|count(|string(|'|\"|$x|::|(|)|*|[1]|[position()<3]|ancestor::|id(|\\|\xfc|\n|\x00|concat("
)

STEPS = (
    "trim|replace|split|regex|map|default|join|strip_tags|unescape|nth|(a*)|\\d+|\\1|[|1|-1|<b>|&#1;|&amp;"
)
VALUES = (
    "1|12|1.234|,|.|'| |-|€|$|kr|EUR|USD|%|k|Mio|e9|½|٣|２|2026|/|:|T|Z|+01:00|March|März|Mai|ago|days"
    "|yesterday|10:30|pm|CET|yes|[|]|{|}|null|1e999|http://|//|free|ab|m2"
)
