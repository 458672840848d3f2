"""Icons as paths in a box of 16 by 16, drawn with a stroke in the colour of the text."""

PATHS = {
    "dashboard": "M1.5 8.5h3l2-5 3 9 2-4h3",
    "seed": "M8 14.5V7M8 9C8 6 6 4.5 2.5 4.5 2.5 7.5 4.5 9 8 9ZM8 7c0-3 2-5 5.5-5C13.5 5 11.5 7 8 7Z",
    "run": "M5 3.2v9.600l7.5-4.8z",
    "again": "M13 8a5 5 0 1 1-1.600-3.700M13 2v3h-3",
    "page": "M4 1.5h5.5l3 3v10H4zM9.5 1.5v3h3M6 8h4.5M6 11h4.5",
    "host": "M2.5 2.5h11v4.500h-11zM2.5 9h11v4.500h-11zM5 4.750h.2M5 11.250h.2",
    "record": "M2 3h12v10H2zM2 6.5h12M2 10h12M6.5 3v10",
    "export": "M8 2v8M4.8 7 8 10.2 11.2 7M2.5 11v2.5h11V11",
    "admin": "M2 4.5h7M12 4.5h2M2 11.5h2M7 11.5h7M10.5 3v3M5.5 10v3",
    "out": "M6.5 2.5h-4v11h4M10 5l3 3-3 3M13 8H6",
    "calendar": "M2.5 3.5h11v10h-11zM2.500 6.500h11M5.500 2v3M10.500 2v3",
    "key": "M7 9a3 3 0 1 1-2-2l6-5 2 2-1.5 1.5 1 1-1.5 1.5-1-1z",
    "edit": "M2.5 13.5 3 11l7.5-7.5 2 2L5 13zM9.5 4.5l2 2",
    "pause": "M5.5 3v10M10.5 3v10",
    "stop": "M4 4h8v8H4z",
    "next": "M6 3.5 10.5 8 6 12.5",
    "link": "M6.5 3.5h-4v10h10v-4M9 2.5h4.5V7M13.5 2.5 7.5 8.5",
    "good": "M3 8.5 6.5 12 13 4.5",
    "warn": "M8 2 14.5 13.5h-13zM8 6.5v3.5M8 11.8v.2",
}
