import time
from tests.test_deployments_model import approved
from tests.deploying import *
from operations import deployments
def test_speed(season):
    plain_rules(season)
    with season.service.stores.transaction() as db:
        from models.accounts import Account
        people=[]
        from models.registers import Eligibility
        for n in range(300):
            a=season.make_account(db, f"+2547130{n:05}"); a.national_id=f"31{n:06}"
            db.add(Eligibility(account_id=a.id, kind="teacher", national_id=a.national_id, number=str(n), name="A B", match="verified", standing="approved")); people.append(a.id)
        db.flush()
    from sqlalchemy import event
    count=[0]
    eng=season.service.stores.engine
    event.listen(eng,"before_cursor_execute",lambda *a: count.__setitem__(0,count[0]+1))
    with season.service.stores.transaction() as db:
        now=office.now(db); t=time.perf_counter()
        for p in people:
            with db.begin_nested():
                deployments.offer(db,p,season.open,BOYS,"supervisor",by=STAFF,now=now)
        print("PER OFFER ms", (time.perf_counter()-t)/300*1000, count[0]/300)
