"""Writes statistics.json beside it: numbers of SciPy, run as python3 statistics.py > statistics.json."""
import numpy as np, json
from scipy import stats
from scipy.stats import PermutationMethod
rng=np.random.default_rng(5)
out={}
ws=[]
for n,kind in [(6,'c'),(10,'c'),(10,'t'),(12,'z'),(25,'c'),(9,'t'),(11,'z')]:
    d=rng.normal(0.4,1,n)
    if kind!='c': d=np.round(d*2)/2
    if kind=='z': d[:2]=0
    for zm in ['wilcox','zsplit']:
        meth=PermutationMethod(n_resamples=np.inf) if n<=12 else 'exact'
        r=stats.wilcoxon(d,zero_method=zm,method=meth)
        ws.append(dict(d=[round(float(v),6) for v in d],zeros='drop' if zm=='wilcox' else 'split',p=float(r.pvalue),w=float(r.statistic)))
out['wilcoxon']=ws
d=np.round(rng.normal(0.1,1,150),1)
out['large']=dict(d=[float(v) for v in d],p=float(stats.wilcoxon(d,zero_method='wilcox',method='asymptotic',correction=False).pvalue))
out['normal']=[[float(z),float(stats.norm.cdf(z))] for z in [-37,-8,-5.5,-5,-4.9,-1.96,-.3,0,.7,2.5,4.99,6]]
out['quantile']=[[p,float(stats.norm.ppf(p))] for p in [1e-300,1e-12,1e-4,.02,.025,.3,.5,.9,.999]]
a=[3,1,2,2,5,4,4];b=[1,2,2,3,5,4,6]
out['tau']=[a,b,float(stats.kendalltau(a,b).statistic)]
out['ranks']=[[3,1,2,2,5,4,4,4],stats.rankdata([3,1,2,2,5,4,4,4]).tolist()]
x=np.round(rng.exponential(1,30),4)
r=stats.bootstrap((x,),np.mean,n_resamples=200000,method='BCa',rng=np.random.default_rng(1)).confidence_interval
q=stats.bootstrap((x,),np.mean,n_resamples=200000,method='percentile',rng=np.random.default_rng(1)).confidence_interval
m=stats.bootstrap((x,),np.median,n_resamples=100000,method='BCa',rng=np.random.default_rng(1)).confidence_interval
out['bootstrap']=dict(x=x.tolist(),bca=[float(r.low),float(r.high)],percentile=[float(q.low),float(q.high)],medianBca=[float(m.low),float(m.high)])
print(json.dumps(out))
