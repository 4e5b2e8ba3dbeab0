"""Vacancies: what the tree may name of them."""

from menus.functions import vacancies
from menus.vocabulary import Action, Blank, Source, Values, Vocabulary

PART = Vocabulary(
    actions={"vacancy.keep": Action(vacancies.keep, ("kept",), repeatable=True)},
    sources={
        "vacancy.exams": Source(vacancies.lister("exam"), longest="KPSEA 2026", most=7),
        "vacancy.activities": Source(vacancies.lister("activity"), longest="Uongozi wa kituo", most=8),
        "vacancy.stations": Source(vacancies.lister("station"), longest="Kituo cha kusambaza", most=4),
        "vacancy.positions": Source(vacancies.lister("position"), longest="Mkaguzi (Invigilator)", most=8),
        "vacancy.counties": Source(vacancies.lister("county"), longest="Elgeyo-Marakwet (yours)", most=48),
        "vacancy.sub_counties": Source(
            vacancies.lister("sub_county"), longest="Kirinyaga North/Mwea West (yours)", most=18
        ),
        "vacancy.results": Source(
            vacancies.results, longest="Mkaguzi (Invigilator), Bishop Gatimu Ngandu Girl.. (5000)"
        ),
    },
    values={"vacancy.count": Values(vacancies.count, ("vacancy_count",))},
    blanks={
        "vacancy_count": Blank("999+"),
        "vacancy_kind": Blank("Afisa wa usalama"),
        "vacancy_code": Blank("123456"),
        "vacancy_place": Blank("Bishop Gatimu Ngandu Girls High School Nyeri"),
        "vacancy_lines": Blank(
            "; ".join(["123456 KPSEA Mkaguzi (Invigilator) Bishop Gatimu Ngandu.. (5000)"] * 3)
        ),
        "exam_name": Blank("KPSEA"),
        "wanted_people": Blank("maafisa wa usalama"),
        "own_people": Blank("maafisa wa usalama"),
        "own_teachers": Blank("walimu wa sekondari msingi"),
        "subject_asked": Blank("Christian Religious Education 2"),
        "served_year": Blank("2026"),
        "rest_years": Blank("3"),
        "position_typed": Blank("security_officer.."),
        "activity_typed": Blank("invigilation.."),
        "centre_typed": Blank("20401001"),
        "most_places": Blank("5000"),
        "places_taken": Blank("5000"),
        "series_name": Blank("KPSEA 2026"),
        "lost_marks": Blank("123456"),
        "lost_day": Blank("2026-10-16"),
        "lost_until": Blank("2026-11-20"),
        "rules_fault": Blank("Object contains unknown field 'return_yaers' - at $.positions[...]"),
    },
)
