"""English words that say little by themselves; `--top` passes over them."""

STOP_WORDS = frozenset(
    """
    a about above after again against all almost also although always am among an and any are
    around as at away back be because been before being below between both but by can cannot
    could d did do does doing don done down during each either else enough even ever every few
    for from further get gets getting give given go goes going gone got had has have having he
    her here hers herself him himself his how however i if in instead into is isn it its itself
    just least less ll let m made make makes making many may maybe me might mine more most much
    must my myself n never no none nor not nothing now o of off often on once one only onto or
    other others our ours ourselves out over own per perhaps put quite rather re really s said
    same say says see seem seems seen several shall she should since so some something
    sometimes still such t take taken takes than that the their theirs them themselves then
    there these they thing things this those though through thus to too took toward towards
    two under until up upon us ve very via was way we well were what whatever when where
    whether which while who whole whom whose why will with within without would yet you your
    yours yourself yourselves br nt couldn didn doesn hadn hasn haven shouldn wasn weren won
    wouldn aren ain mustn needn shan mightn lrb rrb
    """.split()
)
