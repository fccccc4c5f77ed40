// Line spectral frequencies: centroids, second stage, spacing, interpolation, conversion to LPC.
// Origin and rights: docs/decisions/0010-mlow-tables.md. Values are little-endian under the checksum.
// RootFreq8: frequency codes for cdf.ts.
import { bytesFromBase64, wordsFromBase64 } from './base64.ts'

/**
 * Decorrelating rotation of each centroid, packed: [voiced][centroid][16][16].
 * @sha256 b9751873e48089d9ff411eb34ab84cff7c0394959768724067628b9791367e08
 */
export const lsfCentroidRotation8 = bytesFromBase64(`
5CHDf46AloCSgpODlISUhbuGao2KpHiMh5x2mWvUP9dPh9CDkE/IiZBrsYl1pmG3hH+YnndqvIBb3U+4YaGaZbqcU4mnRbPQUIigdal9iZadmopnvHhysKNakLFMxJpHnodJu2FvyGLRWXuYj5OHeI
2XlGPBaIeNvI08wqhZjLqTiJasV6CKxn1kksNXaMPGs7iAVaSiujp2kbaVaYG6qqSsqIF1taWLYmeS0bZxQl+uxLpnXaa4u7KVZFegsKOLwc++0IhTV3OfpaiTi4WIjISOn721mo1yW1hnlMfQwJ6X
l5zFzrWvkoZ4ZFVPW26BkJaNZldfX2NVT1BebnmAiZGQjI6EjJGGg59Kz4eZQeWWg5CKhZGGnz3/elyUl56Qm4qNlY2JkomIeuNJf4x78JaEpWmscqVN0a9hd5NtzLOoJt5jnnGXkXOBoqWAk3h8g4
KRm4KEfMJaY360nlHhvJ6Ef32+aTbewZN3doOig5RtqpNBzM9TZmeGoqKGi5GUrlmhsVPmTHSti3t/koeUkheJx7F5aWJ/nKWbi5CCf5CRrbuojI+UioV4gJZZ+sWXomhX1cBjY0pymJ+tc4qXhtHa
1aeUcW59gIqWkbxudXpzcZO7166uk4JubWrip4CPi5mpu8G/tLOfpY6SO1F/gJGLgI+MoaGou8bW18GmoZB3mn+Sh5KKkIiOfqRl1i3XepWAlYCUg5h2rF3SPrC3SkW+ZaR9nnWwabRtl7FKlbXQX7
B4o2Oio1W1WLKVbIOzhpV/i6VuhMNGtqZFn8R8XY2EmnifkV3UcFLMm1J3qrKSm1mshWbhZGqawINeg7GxxmOByzDDc559mo1wi5iXm6KPVcSHUZ3BnUV9tbGMdG13fp53ar25f0hzt7ieb1BbR3Hk
rFVRqqifj4t9gYyQj4+ukVNysdCzgVtadaG2u6JRHF+Vs6CWg3lwaHSGkJeUgpe3wKqPcFtdcpmzyMS7o5uuudbMvKuWiHdrZGNsc3yNo4p+ZFxdVUxPWGBrdn2F0ziuc5d9kn+deaBtwFaLrVLBep
V+oICLjomMf84nqp61d46Oh4aYk1jQUsN6X8lsiZGBl455pqwwxZFns5tJtZSMkW2ykj73bWifl35/lIibe5+UY/FCfJewZ4agn2uTUYi+RcVtfnqmqVCjjIVopG2FsF6dn4Jva7K7O4Kcx11fbcWN
WKWfhmV6uLNOcozIsqtQe76edWWRqZ+DV4Oi4aCeeFiquZ5cYHC1xZ53V1evvppBZrPPspFvXWyFlZmgVTY7gKC4qpqCdWV0eoKMhoSMnJ6rlINpVE9qo8LIyLKbocDTz6yhhn9vaWBgZHB5goaepL
7AxLy/uri0rqeiloWNjImPiIuNh4eRhIrJG92JjIuKjIyJjIqMjXHhKIrUgZOLiJGJjJF9lXTYN2ux3oeSiJGFi46GmJY25LV1UV6QgZGFi4qMh5pI6blwU1lskIuHjJR9hLYt5auJfW1obn+cepKG
jLIgtc+WdGlvdIXLOclor17AcX6OgJOSkI+Rr0Ssp03KUpiooXl2a3Z5jZGFjaBe0qhRQH6mtLOropeueUfOWWnarol2fHt7gIWPvnhZz7xmQGaQlqGooJ2ZlrqIRl3O2JKIeXNrc3V5fIUoRo7Bvp
KQfm9wdXZ+f4SBtdTTy6OMiHlpZmxrcXZ8hIWDb1lRT1dYVF9ocXh+g4WNomXTS5qCr2OxcLBmr2m0gomkUL2Hj3yYgYWiZsM/1IahZ697jYSRp1jLQruIZ8aVcqCuTqGqMtVyhpx0p4l8rVOkjXxy
3XBRwI9krIR9rKg/y4ZotEu2k3mFlJRoj7a3WoOak2KevX5bx4dLvJdoXazTeWSncIVrr8BVcbKEaK9haI+hnFyNorVtZbK8T01mlMSkcS+VsqJ4a5qtglVtlISRsqc9RF6ix6eIc4SqrnKGkYyMg5
yvsIxBRH7B0K0kQ3+5sJuFdmV1kZ6en5KJua6sl5CCcXBbYYSq09WxlKWfpruylHxoW1lVVldjboCcocLS0ry1sLWupZ2Xj4yLALSBl4OXhpSIkYOMgpJ6rax+j4aSfZKBkI+ImmzAOPKQiIuKiY6I
io2Fo1rwPHHDkYuPhZSCjZF4ozjwmlCeqIOMhpCCkZtb+TlxpJiJgoGIkI2Mi5GPhnmjUIjZxkRLg5CHio2B3iCFx4h1hoahkYWMiY6Hl4dtfJLWynVWO1t/jYaIoUzpsFpDnZuakoqFfoqVfsMsg6
nKvoNyd25ydHeEpWTgeVBTdXWsp7Cwq5V+fcoakL2pm4yCd3Rzd3qEmqAshNq0iIR3c2hqbHF3hW4eq8CThXpza25mbHB0fIOj5OPDqZKHfnlzdnV2eH6Jkax1WkRFWGBkaW9yd3yBhouKi4yHi4uP
iYOkW94tyG+QiIqRh4mNjnW8Tspfd9lKg5N9mot8npFa1E2ZvWlf0IKSW7uIS+RffZ6lZIColHCMiouRepWxOuNnZbyXZoajkYx4sUHnc2aQt4FgmK2JeGyuP9lvim29i1iTsX91j5yIlWySuWZgnc
eSSnG9snJTXrp4fruMYmust5RjXoXDx/E/aKqcfnaQmI2Fe32NrLpwhseZUm6lvaBxVmOOsMC1tcdUTpq1tZFsX2yKpbCwnEQ/hZ+8qYVpYWuDn7Kzq5ZfS05SfqOus6GNdGVeZXGCmaC0y8/BrZV+
bmNeY2lzfo2OhndpXlNLTlVcZGx0eoSWfZGHjoaNj4iDnmfJNN1Ud6t1mYSUgpCDrFDTUYzITErgWqaDl3yZfKJ6g7xher63WKF/jYyVeIHJPbGqW3q/k4WSfX/ZOIfRVYSpinKPn6p8fYeRtkHFWb
9/W6C1fmqCiqNnxmBv32Ftn7dxa5Swe6CJY9VffYHDhl6PvZ5fUlSh1UairoVghsKba3GOpppZgtqUTZ2bqm91g6+xhllaaHW0s3BXd7fCjlhciKu7rnBoj8WTZFJyoMG/kmdZXnPAwpJfVnyfvryo
jG5fX2h7Rz9KYYqosKmWhXZua3J4gpmesdDQvKuUg29iXWFpdICKhJCmsLq+xMjDv7WsopuRjImMjYqHjY6NhpN80kRL6ZWFjImSh4qGpGbgL3PGcZ+Xh46Kj4OhYq+MZMlUx0S+hYyMin2XeHzvKo
inm2yid5aLeqN1j88fo7OOao9wsoyIiHyZp0a5nHFrx7hOWaajnYqYkkfrb4pyjbSkVXKasIiSZORChbqqc2mJk6ioanD7Rb97f32lk314hpWmlJmEWpKvRIenwmhfa7Kqq5JmYmCdzHNbe7+2lX5Y
ZXeXt7y+z0Jhpq2nkXBicoiao62svtmRYllpkaOwsZyGdmhfYIZQYHWcs7OokH1eXFVYX2qix9PJvp2GcGljbXJycXN4h390bFRQTFJRX2hyd4GEi4mPi4mJg5qYgJxgxzvjVpCMh5WCm3p/t2O7Pc
aOUcZ/jIuLh45/oaBVv3Jn1Y45vIyNioyTp1Vw5nVFq7N+ZamRgZ99lMEulYDGh1WGupZeiYqOnaZvQuZ3TrWiioNsnn+VfKmjKpWrw5RoU5mzo26WepiNU7qxvnxGXYS5rJNVjYyZtzGYhrempYRp
YHyj15Fww6ZMXn9/obCssppwWkemYNssoX2kpa2BiW9yf4Wfpzi3w594fl5seYWYo7eyt1LRwl9mb3V5fYKXpbW5sqcyk8q6q5yTenVwaWVlaHF88N+zopB8gHFyc3J1en6ChJatu7vDv7q4t7OxrK
egmY+Mi4iMiY2Dmn+EuELiPrR9g5KHi4uMkYhu0ja+lVTEbXyQjIqKj4mlQdp+XqmuSLaBko2HioyBukeYw31Iqb5HqHmOho2NuTKqwIlLh7egYI+CiI+aTOlvXYq3pHJgjbvCZ5Rk3kGFt4+BcIql
oIFrSr5oundRtpqXcXOFrql2U0jKg2HPcGp7rqOQbWyGqrWwc0nihmxwpZ2aemptk7W8n5kvl7qgamF9nbSwkHJXY7C8WGeVsqiCXFlxjq7Av6w5K4Gft6KGcnF0h5ekqKWTeGdOVYSwvreffWZcW2
NvgJetu9Xcx6+Xg3d0c3d4fIGOjJeKeWdXTUxQV15obnaAi4aQiJGFmniToVjQMNVtioyKho6NfZSaWdJItpZMy3GLjIuNgI6cfIG3VILPjTLRio+Ii4idfG/rTlPCpl+YjomOfo+kf0T1amB8tJOS
cJ2OjX6ie2jSgGJevst6WoDAjpZoid8fqY6ujH9zmpaMgY6QszTYnmhrhaGrn3prj7x/piPCoKlabZOtnodseYysl2Wyqm9oeaawnH1mZYnB6HnZaFWApLObdmRga4SqvLbOX4qvuZ6AV1FZbYSlsK
2YzERMVIaosLOfjYJ2bm53hUZzpai1op6KdGZfVVZWan/r4LKqko6LlpGNgHZoZmx+kIl3XEtGS1ZpcHV0c3N3f46IjIyGlYSPjX2wU9A912GMjY2Ij4iLjn+1Q9Bjd9dOi42NhZCRfJ9d006Mz1xo
x4mNjJGGiJOpMc2yUG+/lGeNk3mIyk9Z73pekJ+QiYaDkZJhtaE44mtxjqKbhWmXqoiKsohOsJazUma1vmVcmLqJjVPzQZWCr5V/bYeZlXx1i3rKbmVn0aKAbW6Ww6JpU4jLTm6ZuZR0aoSntp90UU
9T/49ycn2hpKKIcmyEmKqncZu8oHVYaYq2w7GPaVBVZyqKssKrkHFian6bsbWqm4ssS2Jul6CvpZKDdGpmZ3aCpqrDyc+8rZOCcWdkaWxzfomHjpyqucLLycW8tamhmpOLjIqQhZd7mZBk2zfJXq53
ioiUi4GjablC3FqMsWCvdoqKiYyJkXavYp+jYp+wLNuIlYCImWbSUJyiYoDaWnixjoaUjIW1R53AWm3ApVGDxYSccYPBOpzLX2mnuH5km6OggIN/01tVpsCRWWSuv5JzfbMMwm6ahZeShnuQmZqGeo
6ZYn3CmmRXmsyvdlRsq76HYZvWYGSYoZuOcWRvlcrOtjaC0JlzeHeLoqyojWlaY+VWYWiauq2Lam2Ekp2psqkwYIygs518ZGl9nrC6vayaUVF1fbW6uLOZfGZeYGNve2xPYzdGYX+Yq6yknJWOkI6H
f3x2dGVWS0lPWmNvdn6EiY2LiYyNho2SkWHdMspdpIuJjYiMjJKEm2TKWJmwM9aQjYl+i6x0nGDNTJbEZWLPhY5043gvyJuFh3KanXh3mYiUm1PCWXfjdFOYr5Nui5aNjIaKknuYuC2/nVp80YZof5
B5n2+1qIpJgsunVlSuvoecVNSAqTPLn3aHeIWam5KNmbODJbWkuH5bfaGumHBkWbqyalVjiaazrnxdZ4y1vbou4LGIhnqah4SDg4OasbDBj05qj53FlY9jXXmZuMa5EWaRmKqmnIB4Z2yJo6melHoq
UWVvjZ+2raKLdmxnbniXqrCov7u5ppN5XVFVXmx5kYF8dmljVlJQUFhhanJ8heAaendzZIuFfG6AeHt2f3ZngZQ9uFSZgK42kWyIYpBpl3dqQa7ONGpph4Vrim2JcYd+dEupZXyFhY08q2OfP7Z3gH
BimkebhkDKXGqZWaFfho5tdIZoiI1Qfc07goJMu5ilJJR9bmLGiFdsjJVih3qTjz5+dn+fLbuRZEiXg299Zl+riGl3Uo6ag1VdzE1orXV1ZnZwkqRKV1x/s4AzlLxnZ2l0fIeSbU1XeZXGji9CZF1c
nKA1MkaChZ6Vb2BncauspZeNYGZUYGJ5j622qY22vahtYXF1b4OKhY5rOUNXhHuMxsSSjXdgW0tOWF5kc3h/a01IU1JfSkFERV52eno15DiCe4V9gXx7dnt2gXmAkXJk2h1/cY9fjnmBd4J2f9qDIH
CbdGOWgmCCen51gXeQd19lkYuiTCXMboNuh3GCfndhkWp2wjKNXolgmUuiS4x3cYNyf6ZFqVRvlVSwQbV2bm95d4xma5mGMsJPhZs0hoR7cGuTXmCamEGOvTt4u0U5UaSvZZugYl9Ujodib5FgVVSK
iXFHVqKmekGUmEJVa15ueH7/bntvXJVyd3h6eY+SjWZpi6WhZ2JHdbiSOUWKg4ycm5CXkJiTUESJusGSZVdSMDRugIZxalBEXn+Rjod/fn5/jaqrrq96Xj07VHGKlpWck3pUV09NQEFJWGh4D8lTlG
uDdn92i3B+cH52fj1mxYmiOJtTkWyJXoVuhmxQTslwUsRteWKVZIF8iWGWdnWHdqBOZp2RamezOptLuIp8Znlqf88jXo9/lUqEbZGAT3LZZUppikOuaox4eoJqbnWLXn+Hd36Ad1y9RXSnG311hcBB
k4OAnieuiWKDfXWEdXCWaHyNZMJyEounc3+Ibnp9dYl/iotGUHaqkjW6tnF8dHWKdqGMPz9lkbOiO1BIITdXYm6OkX9jbVRgeYJ+jJmXe25zra9qel1PZsK8imxhYIutlUdAcWd/hY3IrIh4iIRFIj
RTXG9vgZSVlYqDiI+Gg3h3S1RMQz89RF1sdgnLcYpzjWmHc4JvenmAf2+mryhBuZFnh2COeH52fXiDXHTDMcSDanGcVYd9dmiDiXZtpm+OgH5fYc1HjFS7VHuIb2uOZsUmWbFifYJxnF6BcY9je4BM
poSmUnt/fKEhrnZtmYJ1nmKeKoCtbp1nPaeDeoaAgXl7sVhFpYc8xY5RVF9TYnWJoxxfdr5va4l8eEQhRFhyc2OodXdTdFlseI2Hl4SJY3d4cXiBiJkeUJPMdnp2jJAjL3CFnqhGc4h/f25tbomLUV
lnZnGD9ZVvc2uEiYCFgWNgST82PFlcXFhgcWNux8WLiXBrZ2FvkZipsXVrcLC1kZCJl5OUeUxBSUTZG6JlhW6Ad4Jqf3mAdH53QXi5f7EujGuVZI1gmVqGfXVzi36GZn53en55fm7AGsW0nSOThk2H
fJdYkF2dZ3SXgHdvip9EL8qEfl2WYpSBWn6ajDaKommWq0tbpINTfrJ4fWV4hWW1SaRQTLBSpIBMcYKJb2WcaJKiNL1PdKVjR25mkdVAeYGUdkSDpm1mjaGBiHJcoG2Mf0Vpu4IngqidZmphYop2lJ
YtUIWpqGBFVGVXWYaQhSsujXagnmhWYXq5zbmTfnNwY26JkJ90Zllag4aEjqGWXFpZXneLwcKyi391e7XOvY2HdWpYUlxgZHR0bHCLm5emoLC3urKWh4F45C+LZJpUgnSDZIB7fHt6e6diZ3s6vES2
dpdQhoF7fHxmf3aIuzM5vX2dXHx7eHR/f3p9boNyrE1tvhuhZ4VugrO8DIiFbIVvioGDcoB4f3t5cIRwe3t7YoKxcCDFWI9UgpqWSYGNYGzVg3RUZqZgrIdxd4GBg2VkKrOwWWeTVrZtSWnhY2liS6
V8cnF2pXN2bmxwjmVowLJ4XF5Xpn9fxXl7foWLilBKhmx1qq8ueL+OoZKIopZka0xKVXm1xoVwoKe2r25xjYuAlYV4ZHHSmp2kq6R1fYyMipCSk5JpHFOCeXugsrF+fHFYU0E6Rmd1iZ2MbjI3U11Z
UVRZY2JleB3feKBjdXx/e3t0fXeBdoFVj5Qg3HRhgXd4d3x5fHl+mp1IiKAmoHt0d4VuilOrVaeXRICSXXqGboV3g2W1NLtZU7eQgjelY5Fgl1aVfVSikJhwZW2fen11g4ReuSp4yHNnmpyMXWhmTd
g4jYJlfYl1dXiSgn5Clj+UuiyOjW1bhnWFtJZlHZmeRnKdiWSCi56Xwn5ydI6aPmqkm0d3oZs9PzuIjYF/gml4kHhFaKeykZWBfn97UhOjlaRrXIqejnJ4bo2TjYBHVGqksW0+Mld1dXGTmpuOV05d
fZ3MuKKGh4KLsbyzqqC0p5B1dHp5c4uHhJiamYRcXD41MlJudnoEzHh7fX56en15eH11fXt8iIZdfnaFdXp2gXSRQ9AztZmhHYtlm2SGa4tlmlxwqEuJlj2IboN3f3F8hlPHTFS9b2mWkGR5km9WrE
q7Z0WNupOaiinIj0CIhYRtjHVjhpl0d3l0mEx8uCWzbWyQjV9Vi5NVXp81zWN1cJtzVXCZj3RxbFGEopwdeLZdZ5CFX1d4eI90abVydDuQu0JbiKyZd3Z8VXavp4xNQqCze1hHX7nYu4NcgZt7c3Vg
dY+OfHCMl42igFhIS3icv45eT0tge3x+VEt/jq+poG9HPklVcH56gMDHoIx4bVxOS1FcZnR9eX2fpaSoprS4q5uVjIV7AMOQc4F3f3d9fXp5eXx7eWUv4kyTaIdyfWuMcH55fXF3coV9g3l6eXiIaJ
VSxi3If4dteHJ9j2iEUr81smpXuHBokI1jioh8X7NEiak3hL1GNFK2ZV+dm1KCgFt/j2ZbfH96Wp+RJ6pMrINOm4pkbHN0o5UmzVuYd12QeGWNjX9zdnGKoVRfwWFKlpVYXKizoq7ByXxJfpN5fnp5
nY1tZpOaiGJtebNpIKSrdU+Bkn1yaH24qYtgPZCgiVFjlbmUcnJ9pKemZ0tNX5y1gVJHYHt9cnCYmZd1TURQiby9qYOGhoWHtry5rY91XU5VYGZwgISFfWthWFFIQzU7UGJqehnhZ3mDiXF9enl3fH
t+dn6tlQe3enl/hWuDdX95fXh9boCNfH0xv7wxh3SBc4JxgnKAa3qPS5xjkmGNV6wytUp8h3eAfEa5LLFxeYBepFKQaXKBjmOCi1x1sD22TXCuQsG7dxeObXF5d4VyjW+BjG2IiYh2Yo6RWGq3T261
QWG7dXV3f4RTX6OwXWCzXkaQwo2Vi4I+qKZmWEWykFlgnpeMmo2HDltpoal5Z12MjHlhbXFscXRmaXJ5s5IuRIq8q1BKNC1Ifox/enZ6eGVbVG90a2tmg6atkIlNM2SXr66Tj42OiJiloqGcfWREN0
lTYnd1dnSBmamot7u9o5mLh3sQ02mDe4luiHh7a4Vvjnl0nHVmgHSBgXZ9gGW0H8V/VH14c4h0f3WAfmeuK3nNPIpKW8Zfhl5+bq09nX1RdIlmp6BPTq2GPKSiTo55hXGLXoOIcXaVQqCneVdzsHRy
PMBxfIZJvVeHiymroWhigY5rh5xDmGFcvWh9WrNoaWm5fXVycmh3z2RlX2+niUNXdr9tV36lTIBizj9VmJCBb31ThoGXk21gVrWRllxOT4C1up6ytbqHZ09XdY6wo4h8dHuktb9XZayykmBaYm6IiY
R1ho9/h3KFlZyhq4heRjY+THlsfcjUmo1zaVFRXWttfnFqYH+JnKypqbCppZ+impaGDtKCeoeMZoxveHZ/d354e114d9QlSqp+fnR4fXx3enuAkX1QpSzMplJ3g3J/cnp2TWC7YI1bljLBb3lvd3OG
ZH6HanOBbY9XiI5slEe8O8haOMN3dYJprl1ZkW6GflizYk6XdHOEgn5CuFWkPY+QSHR+hXt6h4pMVcNnd640e7R0eHt9dIOAYl2cjDastTpDRUkqTmSnrGxwX5VxcWx/gFlNSH2XSlWTloE6lqBoSm
piYlmLkERJdnahnTpcjLSae3yBV1iQk6mkkDNTmamrlYGHgF9WfHShpKSBSjs6RG1+d3qqqZOOaV9KMTdRZXN8dGp4t72pqqSsqJ+HgH97eGuLdYZqg354codskU3LKreZUahIoGSKUpZom0+geE6p
R7BdmHVwfp1fdYpPu1JkssNNTsA+iYJ9hWCWYYiBb3+OXKt8SpCPcE+7RZWRSnqgnWCFaZhldswmjoxjfZpqXUl20H44nGGHe1eYZoiRcFZvg2uLem6BT4q/WUennFc0X3uKkWg+42Fedp13WHyMb3
RimayCIWCeompXpohpWXB8fJWbd1M9bYGvkUdTjLenYmBtlpCDTkhRkr+eZ0tJZDAXYY2ZlIWCd29ZY3iJjotwbmxYXXyGq6uafUw1Pk9vj5OWn5qHcltRQjxDS1tkb21oTTs5PlJYT1lgcHp7eXp4
e3x7enx7dYJvhn9Yxhq7eXp9eXt6d35zgYdA2UVWunCDd317e4Bxf48u1HRFc7N2en51fXt8fHZGy4VDS6W7eoBygH13f4o41G5PU4+kqGiBgHpvlGpeyWRLT3+juqd0fneBYpSVDpawmm5jWmNp1S
WuXoZojmR9fW18e4CFiFaOfXWXMOBgcGR0eI2Pi39HfbY5ulxSgpuafWxiZmpvoHlGooE5fp27iG1VUFVldqKWQ33LZkZIdICQlpiUjYSalk0vnrmng3FhW1thZmpzTDFstbaTc2NaWFpeZWluc6TH
wKOAcGdfWVZZXGNobnNraVNCPj9KUFFYXWZscnR6BMx9gX6Ddnl5fXp5eX55eXBtjW3GOjfBbo11fXZ8dn6SlUuETb8lsoJ0fXx6f3p+WUPbb2OnV3l/a4hriWuXU29lp3NpjnV3e39ri2qoLticr5
ZZo3xsZMo2k3CEcH6SgoeAg3R5gINLjaw6tUOHvmJbX4RvZo2adTzQVmWlV2V0fop1QFasz6ZlTHucYnV8fn1wXHd2bGWjtnA2qZE5S0UyPIiDc15brGZme4xKepuLh5Twi3Ntb3lldIyicUxieHxt
QJCXgn1BTm+gmEU3XXZua3yimomDXk1BV7PDoIR9dX+UrLKem4aAXTwyUGd4gouCd01GTlVSSERAT21zePIthmiCdHx7d3x3eXp7d3x6d3x5enl3h2x4nUHAKbhdeHh8eXp7eIGBULk9n5IwuHqBd3
16c4tsZrw1hbVSUrl5cYF5dJFeas8zY6yMR36XeoJ1b5RkZ9A7XI2wY1V8pHZ2eIp4NOFPe2CXkWpggYZzf4BmrDB8pZhiTnasmF9Ch3JtxiWHjJ9hXGmPm4ZhVXJ5iE2Io4BUV3qgr5JeODsxE7hz
ZnF4ineGdXZwd3h+gpy6O16dqoJfU1t3lKGhjl5EInSkoJBrXFlngZmdl4Z2dkdBWpGoqph8YFBKT1hqfn+luMClknZjV1BRV15kbX16iJSfq7G1s66lnJOLhn8=
`)

/**
 * Decorrelating rotation of the conditional centroid, packed: [voiced][lowRate][16][16].
 * @sha256 dd9f05fcc6527ab8d553d78c8974aa58d846847ba41a965f7bc4e9ae7d9ce11d
 */
export const lsfConditionalRotation8 = bytesFromBase64(`
foKBgIKBgn6DgXeYTtgH6IR/gX+BgX+FfnO0KOw7VdZ2hn6GeoaEfmjHDtKiL3+4inmNdX6Sb1z1EYHBdE+PpHmIenmiYlD/PVCrrldbmKZmkX5ymI0ewrFxO3LHqk9F9kSoScg3pIZ+emiPnYlub6
RotzmSzidxiLyFWVODs69Fr1Vx6Cl9ZrakdFdfe6OhxV9h51Fgb6+thlJQdJ+8sMB4K7+vkjdSfaa3pndaTl9dWuGhUzZikLG7poNcTU5iTku9x7BvUkNOZouluritmk4Mb5y+vaqXfmlXUFFZY2+p
3cy8o4x3ZFVNS0xSWmVwjauyt8bGwr+8ta2lnZSOhn2DgIGBgIN9g4NuqDzmDtGBgIB/g4B/hYNovSXgWjzcdYh9h3uDg4lazRbCrzB0w4F9i3d6l3FW8hp3yXpHiqiGe4GOXZi9ALu2Vlanom5ej3
d7kXJj6UhMiMmUPFKpv8JfjWDPEMGKiGFkmq2GXl3HUMwfsKdPY4OyhGdigKKpx0exiCfFmJRHWo+wpoFWWSqulSeqoY5VV3+trY1iREo4i9lJTG/GsIVbTV2IprChp6klVqrLpHZRRVl+orOyn0tL
tMizdVRCS2SJprm5rpm285hpRERWaICWqrGxqZ6SqdrMvaSNeWRVTUtLUVpkcHRXT0o7Oz5CRUxTW2Rsc3sA2IGHfYh7g3+CfYB/gn+BTTr2X5FvjG6IdIJ2hHaIdFIxYtQynY57a4Z6f3aCgnaCfZ
uDd4qEe3aTdopyrC72kJ6EhXJy4BiDsHOBiHqLe25vZYypHri0OY2LeX+AdYR1d2GahlSecdoknHaSbnGhd3Nzf5VjgHmsfky3OtJqTHJqb4uYZF6FprMknp88kqNrYVZzqYFaWJCsjy+omEJfoau+
wlJQdamnn3RapJ50ZoOFf15ooK2dcFpNoMVvMlKLjZi/n25PUGN6r8mFV01lgX6GrrmWfGpeWF6Iy8m0koqIlL3Ow7GikoRuW1BebHeQlIeDbWRdVktAOUBRaHV+/yeCeYN4hn6BfoWAg36Cf0xB9V
yUbY1ui3CEdIdyjG+IiKJvjH6CfX6MeItxsCzwrcyMMdNfbJKYcYx+jnWPdXNihX9+qhraiFGOgXeLeYGYmphxXdhhNtB3couBgYuAjIifYoSkY4g921KeXqKMV4yQlXpuqnOHSaOfT8Q0lLVxaHCP
lV5ijK6jIauXQZGmk5yigWCKqZ9lT4TRUWbAqVpOOkK2roRSXmyPlmNnhZZ+fIOkmF9TZZWrsFs/k82vi42Yv6BvTU5jfLHGhVdOZoJ/h664ln1qXVdficrKtZKLiJW9zsOyopKEbVtQXmx3kJWGg2
1kXVZKPzlAUmh1fg==
`)

/**
 * Value of code 0 of lsfCentroidRotation8: [voiced].
 * @sha256 9c1aea48c12ea694cc8f0074d1ec7614d96973e3604b821b1cabbe7ae7ef821f
 */
export const lsfCentroidRotationMin = new Float32Array([-0.9124832, -0.8455929])

/**
 * Value of one code step of lsfCentroidRotation8: [voiced].
 * @sha256 c08bb95b9491c8ca03db1256bd243bd47129f16f645c654ee5573fc764c371aa
 */
export const lsfCentroidRotationScale = new Float32Array([0.006554049, 0.0069253775])

/**
 * Value of code 0 of lsfConditionalRotation8: [voiced].
 * @sha256 93762d1fc23ff290bce2f4a69a175de60763437a41c9b679d3fa4ca9eb07c61b
 */
export const lsfConditionalRotationMin = new Float32Array([-0.67291605, -0.8248211])

/**
 * Value of one code step of lsfConditionalRotation8: [voiced].
 * @sha256 889a9e2d628a3d8a65bce918808145f5dd092780e1711ee2514fff41bb307fe7
 */
export const lsfConditionalRotationScale = new Float32Array([0.0052386564, 0.0064186584])

/**
 * Centroids as distance from lsfMean, packed: [voiced][16][16].
 * @sha256 fd05679b684b1c1a433a84b29dd931e27dd8a277deb72914dd828afb1337de65
 */
export const lsfCentroid16 = wordsFromBase64(`
x6+8mLx9f6CLlg2X5IkqiOeGBIPMgOGKmpzFozenkqsEssesdpq/ob+PBIpzfgtwkGJ/S9ctAhMAAFF+k6COqp6i2p/WoW+k3JkKmWWeGZ5qnPadQqDToQWkfqiBqQut7rP+ozyhJaTAnHymIp6Pn6
CYIJMUlEKVyZe1i1SFb22Joa6a45SflhmPZ424k2uWJJjVniSjOaeSqkCuV6+lsnO30Lves4uo2ZKjkvaa4pLakHGOXZEikXOSXp4lp/6rl5ozgTaPZpOenfqeoqTzp8itibF1s3G1A7aMtoK1erTb
rimxsMMKuXO9GsDOu72407h2t1m1trRFs2WwXK9rsM2tJKChmyilkKAjpH+gJKIlpReoNKdpqtyrwKzyrA2vC7E+tBzIP78PxlDHe8r6v8q+IbWnsmmjl6JYjFGH5WTIquCtRqgEpFWlVKXopFyn9q
r3rZavubGHsQCzXLLftP2rzKOU1wvRPeB44bXd0dgZ1J7NfMYqwf+7fra/sqCxE7z//0v/P/ba8Vbh0tDDwIu8frqqup23g7SHrqGrvapLtxTaPdkzzHrTsNKK0dLPC9H/z+rMUcnxwvK95rh9tfOz
99kk2o/YI/ww/tjy5edg3ujRUci8wde8qLiQtv60s7GQv67Lu8Z0yCPWrdSw4HLfgd/22vLU6Mkcw3C8cLe1l0aS7pdiqd6L+JC/dAd3AXvSYSpQlC1ZG/CFi4nFf8GSIZtRiwdd5jA+ZxelLoHLfF
Nfvmx0aCput3TYg2GDt426lNyGjYeogtVaD4I4ZU19CXD4Y4VTmSm/V26a4pAQhlWHuYCCl2p51ZCgbhiHrWx2TBczgkpgrk+Gm2G7M+CMNo0LeP6XuZHxaomFSWX2dJRqU1++QCSloZ8SkMGCKJKo
kuOA56C5wsaOYKAEdU9wgn+BWTw5mhwBHGJcn4nPj5uOEYv5gO5W0SkAAOdkNWxabuJ55XFUmVCggpmVjSF62HRVcDiDBoTyiPCDDIOki3CRNqk7thmtNJidjQGIGHSKaAdcc0HxlkmG/3jzcCmNTJ
2ZkPiQ1JkKkA6KE4kYimSKMn+INkYsw8Hqll2Wj2d1eIZ9/4+OkRSJ+nQBdZOB9IMJgsSSJolFkSyMlJx4lTWVR5nYjBVxA02JN+sHHYEKehl9Nr3Ml1iUJWv3iWlf3lMNYaSa75I3hx6HH5DKkeaS
VqtEiNt0yWuYguyIPn0LkZuVxJ7ZnACRsoafgrZz8m8chAF76YzllBGjQqmSrK260765u9utbqDklWOQxIGJesld9IL//3nFMaszeoqDZHpFapFUlmfQlVOTzomtdMlo8p92taK3/8oQyvPSxs/H1t
bSjshhtHagcZEoiQ==
`)

/**
 * Value of code 0 of lsfCentroid16: [voiced].
 * @sha256 e0e598b381767c9cb75588895442eb613f799c5984dc627e45809277729b888c
 */
export const lsfCentroidMin = new Float32Array([-0.5873778, -0.24721986])

/**
 * Value of one code step of lsfCentroid16: [voiced].
 * @sha256 37752759d431a1d77a9ba93e35884ed609b7bb110abe2d3efdc64995efac450a
 */
export const lsfCentroidScale = new Float32Array([1.3145164e-5, 7.226229e-6])

/**
 * Mean LSF vector in radians: [voiced][16].
 * @sha256 19591fe103506554161a70c97049a57719e7e067923cd953f0ffce29b94b505a
 */
export const lsfMean = new Float32Array([
  0.09289457, 0.25106147, 0.48140478, 0.6699562, 0.85176575, 1.045828, 1.239984, 1.4193453, 1.5988212, 1.7777773, 1.9651974, 2.1487794, 2.3432646, 2.529888,
  2.7280896, 2.909268, 0.110817075, 0.17563242, 0.30499664, 0.53475165, 0.6947636, 0.88328713, 1.0692836, 1.2496489, 1.4380369, 1.6110579, 1.8053242, 2.0153108,
  2.2479281, 2.47133, 2.6959803, 2.9006512,
])

/**
 * Least gaps in radians, from 0 over the sixteen LSFs to pi: [voiced][17].
 * @sha256 a4ba5aad11a5da9f3e26f8264d456bf1df74f38235ae74b5d567b9ebf3ff7b59
 */
export const lsfMinSpacing = new Float32Array([
  0.009779128, 0.014285199, 0.022242725, 0.017161429, 0.014572799, 0.02250497, 0.024518296, 0.023009658, 0.024543643, 0.025502443, 0.02806567, 0.029816747,
  0.03298068, 0.035377502, 0.04033755, 0.028186798, 0.07401466, 0.011408983, 0.006902917, 0.013805822, 0.014189318, 0.012175977, 0.014381051, 0.016873825,
  0.015339851, 0.016586185, 0.017449021, 0.01764083, 0.018311977, 0.02339325, 0.022990376, 0.025099665, 0.020996332, 0.06634474,
])

/**
 * Pull of the previous LSF vector towards the mean in the conditional centroid: [voiced].
 * @sha256 d3b4cb0218fc76572a6bf90fb85705567d4927ff7044b76fda5cf35de2a37477
 */
export const lsfConditionalRegression = new Float32Array([0.15, 0.12])

/**
 * Step of the second stage: [voiced][lowRate].
 * @sha256 c3fe4f78cfbea6917d031e0bc23b5038a66b5b6f0b75d1b4ee98ad8879bc1af6
 */
export const lsfStage2Step = new Float32Array([0.17, 0.3, 0.17, 0.3])

/**
 * Factor on that step for the conditional centroid.
 * @sha256 d388666e2351caf97e32db79dd5efdff3de2d4073eff49ef61edc7d7fd6a6250
 */
export const lsfConditionalStepFactor = new Float32Array([0.9])

/**
 * Lowest level of the second stage: [voiced][lowRate][17][16].
 * @sha256 7c25baa80d664027b20293fa15600e6ba53a2c83e9bc2d487e30007721456d2c
 */
export const lsfStage2MinIndex = new Int8Array([
  -3, -4, -3, -4, -4, -4, -4, -4, -5, -6, -6, -7, -7, -8, -13, -18, -2, -2, -2, -3, -2, -3, -3, -3, -4, -4, -5, -5, -4, -6, -10, -9, -2, -2, -3, -3, -3, -3, -3,
  -4, -4, -4, -4, -4, -6, -7, -8, -10, -3, -3, -3, -3, -3, -4, -4, -5, -5, -5, -5, -7, -9, -9, -11, -12, -2, -2, -2, -2, -2, -2, -3, -2, -3, -4, -3, -3, -5, -6,
  -6, -8, -3, -3, -3, -3, -4, -3, -3, -5, -5, -5, -7, -8, -8, -10, -13, -14, -2, -1, -2, -1, -2, -2, -2, -2, -2, -2, -2, -3, -3, -3, -5, -6, -2, -3, -3, -3, -3,
  -3, -3, -4, -4, -4, -6, -5, -7, -8, -9, -14, -3, -3, -3, -3, -4, -3, -4, -4, -4, -4, -6, -6, -7, -8, -10, -11, -2, -2, -2, -3, -3, -3, -3, -3, -3, -4, -4, -5,
  -7, -7, -9, -14, -2, -2, -2, -2, -2, -2, -2, -2, -2, -2, -2, -3, -3, -5, -4, -8, -2, -2, -2, -3, -3, -3, -3, -3, -4, -3, -4, -6, -6, -7, -9, -18, -2, -2, -3,
  -3, -2, -3, -3, -3, -3, -6, -5, -5, -5, -9, -5, -18, -2, -2, -3, -3, -3, -3, -3, -3, -3, -3, -3, -5, -7, -8, -12, -12, -2, -2, -2, -3, -3, -3, -4, -3, -4, -4,
  -4, -4, -6, -8, -8, -17, -2, -2, -2, -2, -3, -3, -3, -3, -3, -4, -3, -4, -5, -7, -8, -12, -2, -3, -3, -3, -3, -3, -3, -3, -3, -3, -3, -4, -5, -5, -6, -10, -2,
  -2, -2, -2, -2, -2, -2, -2, -3, -4, -3, -4, -4, -5, -7, -10, -1, -1, -1, -1, -1, -2, -1, -2, -3, -2, -3, -3, -2, -4, -5, -5, -1, -2, -2, -2, -2, -2, -2, -2,
  -2, -2, -2, -2, -3, -4, -4, -6, -2, -2, -2, -2, -2, -2, -2, -3, -3, -3, -3, -4, -5, -5, -7, -7, -1, -1, -2, -1, -1, -1, -2, -1, -2, -2, -2, -2, -3, -4, -4,
  -4, -2, -2, -2, -2, -2, -2, -2, -3, -3, -3, -4, -4, -4, -5, -7, -8, -2, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -2, -2, -2, -3, -3, -1, -2, -2, -2, -2, -2,
  -2, -2, -2, -2, -3, -3, -4, -5, -5, -8, -1, -2, -2, -2, -2, -2, -2, -2, -2, -2, -3, -4, -4, -5, -6, -7, -1, -1, -1, -2, -2, -2, -2, -2, -2, -2, -3, -3, -4,
  -4, -5, -8, -1, -1, -1, -1, -1, -1, -1, -2, -2, -2, -1, -2, -2, -3, -2, -5, -1, -1, -2, -2, -2, -2, -2, -2, -2, -2, -2, -3, -4, -4, -5, -10, -1, -1, -1, -1,
  -1, -2, -2, -2, -2, -3, -3, -3, -3, -5, -3, -10, -1, -1, -2, -2, -2, -2, -2, -2, -2, -2, -2, -3, -3, -5, -6, -7, -1, -1, -1, -2, -2, -2, -2, -2, -2, -3, -2,
  -2, -4, -5, -5, -10, -1, -1, -1, -1, -1, -2, -2, -2, -2, -2, -2, -2, -3, -4, -5, -7, -1, -2, -2, -2, -2, -2, -2, -2, -2, -2, -2, -2, -3, -3, -3, -7, -4, -3,
  -3, -3, -3, -4, -5, -4, -4, -6, -7, -7, -8, -6, -10, -14, -2, -4, -3, -3, -4, -4, -4, -5, -5, -5, -5, -7, -8, -9, -10, -14, -2, -3, -3, -3, -5, -4, -4, -4,
  -4, -5, -7, -8, -7, -9, -9, -13, -2, -3, -2, -3, -4, -3, -3, -3, -5, -6, -5, -8, -6, -12, -9, -12, -3, -3, -3, -3, -3, -3, -4, -4, -5, -4, -6, -6, -6, -7,
  -10, -15, -2, -2, -3, -4, -5, -3, -4, -4, -5, -5, -5, -6, -6, -7, -9, -14, -2, -2, -3, -3, -3, -5, -4, -5, -5, -5, -7, -5, -7, -10, -9, -14, -2, -3, -4, -3,
  -4, -3, -4, -4, -5, -5, -5, -4, -6, -9, -10, -11, -2, -2, -3, -4, -4, -5, -3, -3, -5, -4, -4, -6, -7, -9, -10, -16, -1, -2, -3, -3, -3, -4, -4, -4, -5, -5,
  -7, -6, -8, -10, -10, -11, -2, -3, -3, -3, -3, -3, -4, -4, -5, -5, -5, -5, -6, -8, -8, -9, -1, -4, -2, -2, -3, -3, -4, -4, -5, -5, -5, -6, -7, -9, -10, -13,
  -3, -3, -3, -5, -4, -4, -4, -6, -5, -5, -6, -8, -9, -10, -13, -17, -2, -2, -2, -2, -2, -3, -3, -4, -3, -3, -4, -4, -4, -8, -6, -17, -1, -3, -2, -2, -3, -4,
  -4, -4, -5, -5, -7, -6, -6, -6, -11, -16, -3, -2, -2, -3, -4, -4, -3, -3, -4, -4, -6, -5, -6, -7, -10, -9, -2, -3, -4, -3, -4, -4, -4, -4, -4, -4, -4, -5, -5,
  -5, -7, -10, -3, -2, -2, -2, -2, -2, -3, -3, -2, -3, -4, -4, -4, -4, -6, -8, -1, -2, -2, -2, -2, -2, -2, -3, -3, -3, -3, -4, -5, -5, -6, -8, -1, -2, -2, -2,
  -3, -2, -2, -2, -2, -3, -4, -5, -4, -5, -5, -8, -1, -2, -1, -2, -2, -2, -2, -2, -3, -4, -3, -5, -3, -7, -5, -7, -2, -2, -2, -2, -2, -2, -2, -2, -3, -2, -3,
  -4, -3, -4, -6, -9, -2, -1, -2, -2, -3, -2, -2, -2, -3, -3, -3, -3, -3, -4, -5, -8, -1, -1, -2, -2, -2, -3, -2, -3, -3, -3, -4, -3, -4, -5, -5, -8, -1, -2,
  -2, -2, -2, -2, -2, -2, -3, -3, -3, -2, -3, -5, -6, -6, -1, -1, -2, -2, -2, -3, -2, -2, -3, -2, -3, -3, -4, -5, -6, -9, -1, -1, -2, -2, -2, -2, -2, -2, -3,
  -3, -4, -4, -5, -6, -6, -6, -1, -2, -2, -2, -2, -2, -2, -2, -3, -3, -3, -3, -3, -5, -5, -5, -1, -2, -1, -1, -2, -2, -2, -2, -3, -3, -3, -4, -4, -5, -6, -7,
  -2, -2, -2, -3, -2, -2, -2, -3, -3, -3, -3, -4, -5, -6, -7, -10, -1, -1, -1, -1, -1, -2, -2, -3, -2, -2, -2, -2, -2, -5, -4, -10, -1, -2, -1, -1, -2, -2, -2,
  -2, -3, -3, -4, -3, -4, -4, -6, -9, -2, -1, -1, -2, -2, -2, -2, -2, -2, -3, -3, -3, -3, -4, -6, -5, -2, -2, -2, -2, -2, -2, -2, -2, -2, -3, -3, -3, -3, -3,
  -4, -6,
])

/**
 * Highest level of the second stage: [voiced][lowRate][17][16].
 * @sha256 9d41158f10b4f4d815df8c7ca13768b8091f985a9a77568c8ba898045b530d4e
 */
export const lsfStage2MaxIndex = new Int8Array([
  2, 4, 3, 4, 5, 5, 4, 5, 5, 5, 7, 10, 7, 10, 13, 16, 2, 2, 2, 3, 3, 6, 3, 5, 3, 3, 3, 5, 8, 9, 10, 23, 2, 2, 2, 3, 3, 4, 3, 3, 4, 4, 4, 5, 4, 6, 8, 9, 2, 3, 3,
  4, 4, 3, 4, 3, 4, 5, 6, 7, 7, 9, 11, 15, 2, 2, 2, 2, 3, 3, 2, 3, 3, 3, 3, 4, 6, 3, 7, 9, 3, 3, 3, 4, 4, 4, 4, 4, 4, 5, 7, 7, 5, 10, 11, 12, 1, 2, 1, 2, 2, 2,
  2, 2, 2, 2, 3, 2, 3, 2, 4, 9, 2, 3, 3, 3, 3, 3, 3, 4, 4, 3, 5, 6, 7, 7, 9, 12, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 5, 7, 8, 6, 9, 17, 2, 2, 2, 2, 2, 3, 4, 3, 3, 3,
  4, 6, 7, 7, 12, 14, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 3, 3, 4, 10, 10, 2, 2, 3, 3, 3, 3, 3, 4, 4, 4, 5, 5, 5, 9, 13, 12, 2, 2, 2, 2, 3, 3, 2, 3, 4, 4, 4, 5, 5,
  5, 11, 12, 2, 3, 2, 4, 4, 3, 3, 3, 4, 3, 4, 6, 4, 5, 9, 13, 2, 2, 2, 2, 2, 3, 4, 3, 4, 4, 5, 5, 5, 7, 6, 12, 2, 2, 2, 3, 2, 3, 4, 3, 5, 3, 4, 4, 3, 6, 8, 9,
  3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4, 4, 5, 5, 7, 11, 1, 2, 2, 2, 2, 3, 2, 3, 3, 3, 4, 6, 4, 5, 7, 9, 2, 2, 1, 2, 2, 4, 2, 2, 2, 2, 2, 3, 5, 5, 6, 13, 1, 1, 1, 2,
  2, 2, 2, 2, 2, 2, 2, 3, 2, 4, 5, 5, 1, 1, 2, 2, 3, 2, 2, 2, 2, 3, 3, 4, 4, 5, 6, 8, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 4, 2, 4, 5, 2, 2, 2, 2, 2, 2, 2, 2, 2,
  3, 4, 4, 3, 6, 7, 7, 1, 1, 1, 1, 1, 1, 1, 1, 2, 1, 2, 1, 2, 2, 3, 5, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 4, 4, 4, 5, 7, 2, 2, 2, 2, 2, 2, 2, 3, 2, 2, 3, 4, 4, 4,
  5, 10, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 4, 4, 7, 8, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 1, 2, 2, 2, 6, 5, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 5, 7, 7, 1, 1,
  2, 2, 2, 2, 1, 2, 2, 2, 2, 3, 3, 3, 6, 7, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 5, 8, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 4, 3, 8, 1, 1, 1, 2, 2, 2, 2,
  2, 3, 2, 2, 2, 2, 3, 5, 5, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 4, 6, 1, 3, 3, 4, 3, 3, 4, 4, 5, 5, 5, 6, 8, 10, 13, 14, 2, 2, 3, 4, 3, 4, 4, 4, 6, 5, 5,
  6, 7, 8, 10, 15, 3, 3, 4, 3, 3, 4, 3, 3, 4, 5, 5, 4, 7, 7, 9, 11, 2, 3, 3, 3, 3, 3, 4, 4, 4, 5, 5, 7, 8, 10, 11, 12, 2, 3, 3, 2, 4, 4, 3, 4, 3, 5, 5, 7, 10,
  7, 9, 13, 2, 3, 3, 3, 2, 4, 4, 4, 4, 5, 5, 6, 7, 8, 10, 11, 4, 3, 3, 3, 4, 4, 5, 4, 5, 6, 5, 8, 8, 9, 14, 11, 3, 3, 3, 3, 4, 5, 4, 5, 4, 5, 7, 8, 8, 8, 8, 16,
  2, 3, 3, 4, 4, 3, 4, 4, 5, 4, 6, 5, 6, 7, 11, 13, 3, 3, 3, 4, 4, 4, 4, 4, 5, 5, 4, 7, 6, 8, 11, 15, 3, 3, 3, 4, 4, 4, 4, 3, 4, 4, 5, 7, 7, 8, 10, 17, 3, 2, 3,
  3, 3, 4, 4, 4, 5, 4, 5, 6, 6, 11, 10, 16, 3, 3, 4, 3, 4, 3, 4, 5, 5, 5, 6, 8, 5, 8, 10, 10, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 4, 4, 6, 6, 12, 10, 3, 3, 3, 4, 4,
  3, 4, 4, 6, 5, 4, 5, 7, 8, 10, 20, 2, 2, 3, 3, 3, 3, 4, 4, 3, 5, 3, 5, 5, 8, 11, 22, 3, 4, 3, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 6, 8, 9, 1, 2, 2, 2, 2, 2, 2, 2,
  3, 3, 3, 3, 4, 6, 7, 8, 1, 1, 1, 3, 2, 2, 2, 3, 3, 3, 3, 3, 4, 5, 6, 9, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 4, 4, 5, 6, 1, 2, 2, 2, 1, 2, 2, 2, 3, 3, 3, 4, 5,
  6, 6, 7, 1, 2, 2, 1, 2, 2, 2, 2, 2, 3, 3, 4, 5, 4, 5, 8, 1, 2, 2, 2, 1, 2, 2, 3, 2, 3, 3, 3, 4, 5, 6, 6, 2, 2, 2, 2, 2, 2, 3, 2, 3, 3, 3, 5, 5, 5, 8, 6, 2, 2,
  1, 2, 2, 3, 2, 3, 2, 3, 4, 4, 4, 4, 5, 9, 1, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 4, 6, 7, 2, 1, 2, 2, 2, 2, 2, 2, 3, 3, 2, 4, 3, 4, 6, 9, 2, 2, 2, 2, 2, 3, 2,
  2, 2, 2, 3, 4, 4, 4, 5, 10, 2, 1, 2, 2, 2, 2, 2, 2, 3, 2, 3, 4, 3, 6, 6, 9, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 4, 3, 5, 6, 6, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2,
  2, 4, 3, 7, 6, 2, 1, 2, 2, 2, 2, 2, 3, 3, 3, 2, 3, 4, 4, 6, 11, 1, 1, 2, 2, 2, 2, 2, 2, 2, 3, 2, 3, 3, 5, 7, 13, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 4,
  5,
])

/**
 * Offset of every level from its integer, packed; the lists follow one another in the order of lsfStage2MinIndex.
 * @sha256 19765faedc2dd4d41c17eb39f734c3afb95d1b93c90ff0a082d5efa76e12cd8b
 */
export const lsfStage2LevelOffset8 = bytesFromBase64(`
s7Krjksr1bKwo4FlVlFB1LmegWlWQby3q5uAaVdFSb+nqJ2BZ1lXbk+3v6qegm1kVldEuK+nk4BxX0lStq2jm4N0alVNSbK4p6GOgnVnZ2A8b5Khp5iPgXlpZ1pZwK+dn5WKg3tsampkdGi7laWjl5
OKgHl0c3Nrc3dkglq5lreUkpiQh4B4dG5odG2mlo2VlI6LiH97eHhveWBpPkQkmp6TrZuikpCNjIiEgIR+fXh5d352dn2CYl58UotykZOJj3+SjYqHiICDg4J/g4N+f3x9eH19g3lvaFlvfzXd0Yc6
bcTCfUZsuLKOQzPjtK19UzxQ5baJX1yO1q6seVdXTmhigcnFonxgR0bYqKWKY0ppS2TSn6+ghWFTJL+3pZWRcllAxZCUnYdxcV5Mz8aci5N+bXxreWvWtKyNhnVzXXqIYj95trifsoyDd3eIcHmTeR
6ML+SWv5N0jZCMgIOBi3iBe3BpZUBUkV2UjoyMhXqOcnNodnSliZN4qpWEUF1ckWyLeKakh0aAktS7g0U+vrSCUD6zuKqAUzrVv66DYVE9x7Smg2BHO6m8poFkUEpGuK2gg2NOQsPOsZ6BZ1ZJpLKu
noZqV004r6qilX1sWV1ez6igkX5oVmFHpaqil4BzaWJnSqGRpJuUi35xZVhEnp2UnpqVjYJ4b2dsYU7DnpydkY6MiIWAfHp2cHNtVYeNloyOkIyLi4mGh4eDenlwa3RhurarhVRGsq6ohFlQPci4on
5gUkzOrqOFZlhGP8mtn4JoV1pljqqmnIVnWETmuquaim1eU4DQsKaamIBpTFO6jZygk4NxaWSEuMOkopqIem1iVjesoJyZjX15dWRfYTulmJ+nkI+KgXp5amhye3bWrVuklpKQg4mKgnhscmV3NYmc
q5GUl5GLhX56fH91Z2lyd22mZHeTj5SOko2IhYF9f356eG59e1u7a5urlI2SjoWGhISHhn18fn90cHuDdo5qc22xcD/F0IMzJbzJhTQuscCFOyzUxX9JUc+/gUtSa8i3f1JOULu8sIFQNtCzh1k6OM
K3p4dbS1S3ra2jgl5SSL+ro4RjTVK3sp2HaF9aW92xraaWiW5mXWd+cpCmoJeRh4ptW0eynXualI6KeXl3dGxkQ7GUkpGKjoaCgH17dHReh5ZxObu5qYRaQkDKvaiBXVNLvrCjg2RPNriyoYFiVlo7
zbSrnYFnVUM8uK+ehGtbUVa2rZmDbFxRTYu7raSUgG5fU0WsuKehlol1ZFlRmKSjnJGDcWhhVVi0fKKmmpqRg3hqamZaZD6/prSWmJuVjH94cWthZmdgqZeonJyQjouFeGtgV1LJtLiAoZ2YlJGIgX
x7dGlxa1xzh2qCj6uRi5eWjoqQiYiKhYF7fHh3dmp1dHOBdbSGlIiDiJGKjYyIhoWBgnt7enl9cnhpaYaWs72FEeWBKTv/3oQj34EtRdXWhCwp5teDLzrTz4MuH87RgjY/4M+AOUnMyIQ6OcbDgUBH
Y7vAvX1ENa+0tolOTUO0sqR6VT/yNLm+mXd1fGhSnaCisLKFc3V2eHCEb4x/M8e0g1A7ybytglY9OL+7qoJdTE/Pva2IWD810sGsglZFOca0oIBiVEnFt6OEaFM4nq2snYVrXFFLp7SqloBvZVZXur
GdlYl1XDrDs62cmY9/b2Nja1OcqqGZkod+dWhkWVB5qp+Yl4+Gf3t0b21gZ0qnmqGSl5KNh398eXByb2RclZaflJWVlI2LiomGgXx9em9rkKaSl5SNlZCRi46Jjo2Li4eHg4F/d3F2bnZjs9fBsINU
QUi4t6qDWktNwcOnfmFNSryvoYRgS020r6WfhGVRPLmvnoNpW1NHta6pnoZrW0pLqbGqmYNuYFlZvLGmk4JwYFFQu6uikoFvZ1pUspyln5uOf3NoZ19XpqKlnZWMgnhta2ddWD2zrJ2fl5CKh394bW
xvbWY5ZauZnI+OiYOAeXJuZVtslqCcjo6Sj4mGhIF+fXh4cnFpaGqbkoqMjImGioWEhH+Bg39+gYGGen95dGdxcXqLcN3ZhjtK2MOJOxvQzoRJRMi6t4VAM6a/rYBJJcrGs4VUNlrXw6uAVEBZRrPI
qoNcQk7GtqR8YE1FjMaynXxgU1CKoaSTgW1fV0ugtaagmIp4bFhnPGxqvJObpZiPhnhuY2hsVpbei5idmo2HgXx3cGthVEKwma+WkJORi4R+gnl4fX12c3F2UF073ZeLiIeKhIqBi4WEhX2DhIGIf4
Z9dX5qdoBuhWPj0YMyOuTRgTY/3M+COT7NzIM6PNnIgzsr1syDPzLRwoI/TMDAgkY8z7uCTEbLuH1RUVHCt39WN8XBtX5ZTle3rKh1YFlFrpanqJZ2b2ZTPtq5nomLbnByepJqbWVqSbOUioCSmI1/
gJNndnmDbniIbX7RvYJENMi6gFAz0LSBVkFd3LWwg1VIPLi2qYNdUDvHtKSCYUs8u7GhgGFRVci0o4ZrU1U9ysKkl4JqUUVCvrGeiG5iYlKAs6KVhXJoYGpqsqepnpmOhXtzb1hbpZuhj4uKhnpyXG
E/wqujlJWMhoSDfXZ2cmpzcIN0po6diIWEf3p6e3h4cXV1bmdlY5lRdZqBlJaJlYZ+hYuHi4iGiIOFhYKCfn58hH58c3dral3dxIJDLs3BgEgt3cW3hUs5msa2gU5H2LiBV0gkwMKuhFc+WOzGqoZa
LKbFqn1hTi3DspqDa2BWN+C0YqislYVxYksnnZ6fmY+AcGNueKakop+Uin9tY19OvLmjl42Bf3puYl2lkLKMhomSk4+HfXZoVVPAq5CPhn58eHd9bXdrQFt+abSNiniSnZlvmoyQg4mGhoSFgn+DgH
x/dnx4a3hrUEnIw4BGKse7gUo/itvFtINPQLG6soFXTFYmsLOthVlOWld+xquCX1BEp7amgVxOVtW3qIlmTyTKqp9/Z1pWSqyklX1rYF6xnIp+a1xkNMuspZmMfHRwcW1wU56zn52UioiCeGxlXJqN
laGXlY2Lh3x1d15OzeeZlmOcmIqVhoiBe3p6fH16b3RvZaKLkI+LiYeDhIGCgoiFh4WHg3+Cd3d0e2lU3b+EQyjHvYJKOta3gks+4b+wg1E1tMOugVNDprWmhl9CJZrCs6ODYkpmVqyzn4ZmUECds6
yZfWhXVGWiq6aViHJaVkeqr6mUhXRnXVl+tKWdk4d6b1tSQZ2cnZaNiIB4bGNPRZyUg4mHjIiLgnZxaXJ3ZHR/p5iYjY2Fg39+eXZsYVu1k6uepo2XkoyJiYyJioqFh4aDf4F+d3h6c3d/b3PXwIRC
Ic68gEw3v7OEUDbBs4NYSHzUxK2CVkW1wrCCWUI9srmng11NTmDFu6SDYFdQ0ruee2VUVnc7obSpm35lWFjYto91b2JWZMmxq5iDc2ZYX7aonZWIg3BQMp2YkZ6SjoaAfHRybWNZkLKioJaRiIWFgo
F/g3p6dmWliaWYjY6MiYmGhIOAgH9/e394dW1P0L6DSjk70sq5gkw7OsrHtoNPQEDCwbGEUT02ur6wg1RBRcnCr4JVSUjIv6+AV09Hvr6sg1dEPr66qoRZRUW6u6qCWko+vrqpgF5TUEy5s7KlgmBU
Uk2OrLGqoYNjV1VUWKinpaWcgWdgXV5araSin56VgnNraWdkbWKOkJaYkpKRlZWLenR5eHZ2dXZtcXJy6ceOI8nKgUAq78iDSRrevoBKNtC9gkk32L6DUDsqz7N8UCfLsoBdPULZwqyDXEcn5a67po
VgRzO2sp2EaltEV8mys5yBbmVkYIk7qsWMm4txYU1Kv7CjmI5/dGVkYJuumZ6VkpOIh3l3cG5qXVZbwZ2Xk4qLiYeDgn98dnh4cldzSuaCOyzYgD2kxZIdzHs2Q9+BQD7J0XY8RXEn1X9CJM67hkF2
t8q7iEQ9xaiRWyPRt6NmPUbhw5p9aF5TzrONc2xZKy7btaCOfIFpdDE8QKuWfIOCdG+CVy1QxbOOhYd4X4eJc4BkdXejkaNOeN+DIPTWgynXyoEo3dOCRCPLyIU4FsrLg0E8z72DPznSwIBJIdK/hk
g6wbJ/T0LDqXpHO8Wuf15MSrCtnHpZP62lqp18alhJYbqnoZiIe21lVVLJrYyBiH59g3RkUEzwzIgp6MmCMfjIfjsw6s6ERFLQvINIOCK/toZFI868ik1E3cevfz8r4buvg044yNW0jGNTN7W9onlt
UFXLs62UgmpeYjnFnaSeioZyWUBAtqueopGBc3lhekStpISilpKJgYF7Z2tKgc+xmZWRgYZ3hXZ/fYh8XFzrghjfhBrB1oMg34AzVNuBOFDXfzVDy8yCNBvZiTMO18eIOUPJvINCPNzAiD4y2r+HUj
7lyLWOWVNrVbixp5KFTzLbr4anj3RsXU2xrqaRgntoYp8wzsyFMBjT0YE8JNXJgzws3cSAPzXVvYFEI+O/hko22buFSjm7ya5/TjTLwbGKWDvJuKeFWUY0wLWqpoNhV1JEnq6noX9lVFNXtq6kkoRj
Q2+LnKaimIJ3ZWNUfneypoqUmZGPiHh2amFVdzOKnJqPlpmSjIR4dnBqU1tI99KDAP+DFfeDDPiCE/CCE+2DGOaDFeiBJet/JyDggyDggCkf4NV8KNzPizQ8vsB3NDLotc11b1EFlLm4a3FzfZI23Y
Ql1dmCLRTi0II3O9nHhzw93siCOjXPxIBDLOLHhkcowr+HSTrNtn9UOMSukFUhvLyge1ZMScSwpIdsUktOlbKlj3ppX0hGwLGtpI5/c2BdXqufnJeTjYd6bV5KhJKJi4OBf4CAfnd0Z1twadmDKxrj
z4IyFfHSejsb2cGGOynFvYVAJNXAhUkzybuERy/IuYVOOhbQs35RO8KsfldCtLqkfVtSSMO2spuAY1NHRLa4qZaIdmBXX5e3rZ6LgnFaRTy8oJqWi4V/eHNqXVSjlZmMiIF7dnFwdnl6bXJta3Hshy
LhiBXshyzO2YUXydN8HujahC0l1deBMEXi04MyOePIeT4tz8B5NyjoyLJ+TzW3w7KOYFQykbSroIhlVF9izqKrlYFvXlJGr62jm418d3h5bGZGI+OilIuKjoaDhYKDgXZtbXBH8IMX74Ie5oIf5YQg
5oQh6oQi3oEl9tmCK87bgTES3tt7P0DXgDDX0Xw8N9DEdUUoqbizdFVE2bGOXmiHW2lW0r+YtJWDcXR/Z0bngyDhfyfi2oEyJdbNhDMs6suENiDpyYQ8IM3Egz414MeHRTXlu39IJNy+h1JF17WDWU
9Hxbimh25WWIypmIqEZkYgxLGakIB5aV5ba7GmqpGIg31waWpdcIiEsamMe4uUjI2FhH+Cg3pva0PugxrqgCLchicV44EoQueBMRPd1IQtL+vVhCfg1Xw4J9u/hUw3vK68hlEpvrWifFBLuLapj2hG
Rti/n4BzVkTKxJWenIZqSEPEt5N+c3JpU3dripyKiJaRk46KiICBem5pbkh77IIg5IEj2duDJ7HcgjItrs+ENUfl1IQ5MNXHgTop7s2IQBzhwIBINdK2f1A/1at+TTjouaB8X1dIs6aPf2RHSdSSsZ
6Tg25QNo6Hm5uViX58dntqT5SYmJCJgYCDhYN3c2tjVzXnhRnlgCLmgCbU2IMn3NODKdPLhjLCyYM5TtHGjD8j1b17REDGv7eLUDPcuIhYQUvIq4hjQSGvv6uUfWNLPNm5op6ZhWlhXnSrq6Wcin53
Ylimj6mPf4ONiIeCfn17fYJyiXUj54UX6IAl3IQm2IQ1SteBMyLQ1oMwL9zPhDg348iGPjPVy3o/Xj2+vX5AQeq+blc8x7iEWT/lvJ6CShzivqeTf2xcQvW+sJyFgnx4al9HgZiemY+GiIGEgoF0Le
SFIhfo4IInKt7agykc3taEKh/h1oIvK9nShDEm3dOBNCXo04IzG+PSgDkr4M2DOCzWxoQ5LdDEhEE2xMW9g0U8Ocq9uIZQR0u6s62DYFZXTauuoZyZlZaOaWZpY2BqkJ6mqIgy1ruogF5IL9S9o4JZ
UUjStZ1/ZlZOWdbAn4JwX07PtqibhWxVRqi2pZyZiHBdQF6toqGPgXZlVEG2v6iXiHxuXmJVkrCyppySh3txZGRes7qhmZeUj4mDd25caa2mmJKRj4qFfHNwZmYjqKqgl5SOi4aAfnp2cXVuXEaxqZ
qXjYyEgH17eX97hW95WJyXhpKNiIiFiIWFgH59eXZ2b21ld3xccJ17jnKJiYSJhH+Af39+fX99eHV2bnZmcHRwY2Fsy62PSirEo6enj0Ub0cCmg1k/J9XCpXpqYV9mubSlloVmRiHIsaWWgmlWQy6y
sqSUgnBjWEbIrKWYkYV4aVtLpKqil4yBdW1kXmpYvqyhloyDe3NpXj/CpZ2QiYR9dWRTTsmLn5uWj4mEenNvaGJUsqeelo6RjYaAfnlya2dbVqGGlZGRjYiGhYOAfHlzaGNpWqSVkpKOjIuLiYSCgH
97eXRwc3ZeXGOEl56QkouLjIeGhYWDgoF+fHx6endyd3d6dnJ3c9u0jEVHdM64pYFdSU/Bz6V8Y11aUca4oIVnSS/Sq6igmYtkOzbJvKubgmdYSTW5s6WVgWtXQNa5oI+DcmBEu66Zj4Z0Xkkzs6md
k4l+dm9pYl+Zpp2Sl5WNiYB1aWFYqpqTkZCSjol/fXJgTYqUmpmRj4iBfHhza2ROcLmrj5aXk5KNh4aAfHNybGNmiaCSk5CNj4mIhYJ+e3dzb2xgWIyjlpKKj4iFhoeEhIOCgn5/fX95dnVyX3Duyo
FKNMi8sIJXUUXXrHdfXlHgu6KFZ1Y4zamin4piPxbZtp+DbFlAtbGcgWteUTq7rJR/bGNjTq+joJuNg3hrXFLcrJ2cmY6EdWVURirVuqifl4t/cV5ILpPAj52enZOOhHtyb3ZlUjDFr6iXkIZ/fHl2
dG50THyWr4ueiZKNh42LioWDf3p8d3V2c2pmdbWtoZSVjYyFg4R+f3t3enh7hX1TZ6d9jJqYjYuGiISCgn+AfH13fH17cnFtVkSrybd+TCXtuqSDX0RAu7mih2RVSbSimYFcPd3ApoJtYWFar7Ceh3
FfVXq1sKGWhm5aQ7StoJaCdWBURZ2wo5mSjHdaQa2nn5CDdGpfVXCYsaKYlYuBenNraFSXpKSakIiCeXVyamVoYNOzopqPhX97d3F1b2xzeYZEnZSUko2Nh4N9d3RtZmdSi5+TjJCHioiGhX+AfHt2
cXdwa4Goj5eEjn2ChIaGiYaChIKAgHt5d3R5d298bnVgkMjBgkMt3bZ2WVpb0LOtkVdOQ7Ozo5+LVzYhnqGenpuNVSzQrZp/aVxLLKC1qpyHcWNWNMOzpI5+cmJdWqK9op+OgHdlV0GhqaWbjX9zaV
xPTamqnZaOhHprYlNtlqmon5aOhHt0bF1fW8iqo52Oh4F8dXFual9XsZ62lpGKh4SBe3RrbWlcUZqaiJGMi4aFhIF/fnx6dnV1aGdXl5Sei5uFj5WKjouIh4aEgX+Af32DeHZzZFTk035RSF9r5r91
XllQtbehg19IWMm2oYFgRUHKtKOEaVpUOa+6sJ+XhGpbUli8pqGShXJjVlg+m6ilm459b11cQLWqm5WKgXNkXlk2t6qimYyBd3FuYVkUrIenm5aSjIR7c2NacsipnZOHgHt5eHZtZm59pKGdmpCMiY
aAenlwbWliTsypjJ+VkpGNi4aDfXd0dXRvc2uHyK6bmpWOioWFgIB8fXx/eXZtfol+mltOpZWTkZeJioSMjImIh4ODf39/e3h3b3h7hW/czXlQUGvXvKWEYUtCuq+pnYZiQCOxp52EZFJCrbapmINu
YldKz7OWfXJoZGVNwLWlkYJzZFlSurmhjoB1a19JQsapppyQgnJmU0uso6CYkIV2amFWVK2noZaMgXdycGdfXmPHqpmOhX12c3J7ZmptrqagmJGKhHx3dHJrXVJ2rpGImpOUkoyKhYB6dnFwb2xQm5
SilZKPi4mHhYB+e3h1cXFyWqibmpeSjIaJh4WEgn1+fXx7fXl8fHp4e3Fuc2Xo5HtCSdqrfFNRLdm2p4ddUkHIsq6ghGdWTzLCqqSXg2xeSDPPqqiilYZyWUbBpZJ8b2FRQ86wlIZ5Y006rKemoJGD
c2haU1artKSThHlyZlq3pZqQhHlxal5WhbKinJmUioN5bmFaR4maoJ+dloyCe3Nqa2JWbYSimpmUkIyHgnx2cm5rZ2Ooj4mZl5CNi4mFgoB7fHl4eG5uZ4BPepOYmJWKkJWPi4yNiYmHhYOBfXl4dX
VtdnN4cIguznxUSkjJuH9VQSK5raaGYFlDw7Sfhm1aSlbQw5+EbmVPPsuzo5aCb19AVsGpnJOJdllJUbSooZODc2NdQbC6p5qPhnptZ1FGs7CflIeAdm5mXUulo6OUkJSOhHdqVkazqJyTjomEfXhw
a11JS6aPkJWOi4uGhH54c2ZcU6KMjJGSjouLiYeDf3x1bm1pUUSTrZORkYuKi4iEhIGAfHp2eHV0alhYf5CVjJWPjouHhoWBf4B9fXh5fHh8d3d7aYtj5sJ8TUNj1MGnfV5NPMKwpIVjUkHHt51+ZV
VLO7Wum39pWEVc1rOff25jX07NwqWUf2paUV3JsqKTgW9VQIyVo6SXhHBlVzbLt6iYj4dxVD9Kn6GonJKEeG9rXkWrpJyQi4J7cG1qWGl3kqqcnJOLgn96bG1yYDimkpGflJKLiIWBgHpya153Y6mc
lpKPkImAf316fHhwbXpydkCho5eUioyFgISBgXx/fHt3fHt5fHaYh4xTdl/Xf0lJRMukpKaUSiTStHthWGDYr4BrWk3Hr5yEbFpEwq6Xf2tbRkzSu6iUgnBkVTjBsqKUhXJkVEqtrqadk4Z3a15VRK
qempWMg3VpXlSopqCVi4BzamFfV7OknZuSi4R6cmtmZ1+hq7GXlIuGg392bmdiWaCYnZKQlY2KhoJ8eXh2cHN3f298YKCOi46Qi4yLhoSBgH13e3h1dmZgT46mnJKQj42JiYaIhYaEgYF/gIGAenl+
cYJ7fYhqb7m3pYVhUEHHsJp/ZlNCwbKdhG1bU0ierK6ilIBnRzKzsaWVgGtbS12+pZ6ThXBXPbWqm5OFdWJQSK2CsaackoFyamBdVbWupZeNg3ZqYFxLs6aflY2DdWxmXlK1naSclIyFeXFqY15fmZ
uXo5SVkYqCe3ZybWtyaDGjppSZlpWRioKCfXlwZU1whZKenZiPj4yJhH57dnJqZGR2nZKRk46KiYuLiIiHhYOAf3x6e3pzcWtmlo+Pe5KSjY2Oh4uKi4mHhIOBgIB+eXt0eXZ0g87Hhjszw8SCQki7
wIJJS7m7gU1HWsKzglFYX8awroNZVUTOt6uBWUo2vbCrrYFSPTHHs6SBYVlDurSihmdWTcCqqp2CaWBdWbGqopqEb2RVQ8egnpaAdW1taGlqirOXnJeUkIiAdG9oZ2BFwKaLiouJhH+AfHp3e3p8cH
VacF56j4J3mYyOg4uRk4iGh4eEgH57e3t6cG1wdF/Thz1UedO6s4VRRSPJtYNgUjjKrIBmY2A3v7uehWtYSzrMtaaah2pRQcC8qJWEcWVWRdCzo5CBcWVRUZavo6KWhnVqZF1tkrqpnpqNgXVpXlVL
saCcopqTjoV3ZlU8oKqqopaLhX92b2ZOrKSflZKJgXt2cWZhW1GrnZWPioV9enR0cWhzUU+kg5KQjY6HjIiGhn+AfXh7cXZyXnVsk3emo4SPk5mJjomLhYeHh4CBgH96dX17eHF0gYF6hHOIhYJ2Q7
e0uoE1MMe2gk88zbGDVUNCvbethFZHOqyjs6aEXEtCjq6roodgTTzRtqKBYVpUXrOtoIRpVVVFoqmjl4JqUTCqqaWXg3BhX2lOhI+jm5eQhWxVQaahoJeQhnxsYltZwJmmmJKKf3VyaV1Gq6acmpWP
iIB8enRucWVhVLWKmp2Xjo2LiISAfn15e3lybW51dW2bmZGNiYmEhIGBf3t+fX+Bf356ent6f3V3eW5oa2FIWtzcgDpGVcDAu4BVU1FZurm2q4VZRzy+u6uBXFFPUK+yr6WFW09HQb+5s6eDYFFMTL
qwr6OEYFBJQsa+sqKCZFZPRLWyrJ+EZldMTrOyrJ2EaVpSTbavp5qCaVtQS8KxrqaZgmtgWFJEt7Gro5eDbmJbVlWqp6SflINyaGNhWF6coaCcm5aNgXdwbGxqamdlkI2UlZOTlJWSi4J6c3BucG9u
aV2xscGFCvHLgUEq07uCPBbzxH1FM+/JgFE2z7qGRx/fwq2JTCjjw6qCXDPMs4xkRUWnuqWHYUdFvbelm4lwTEHDq6SYhm5fVrGtno+FeG1hV5W/pI+AdG1ud2Y+ta2al46Ignl2bGNPa1u7pZiSlI
uHhoOBenFud3tvQ9SRHL66jxbSy4Mx9dJ3UENHybCDORDTtoNGI9KxgVQ487ylh186MM27n4BeUkrPvJ6EalE/37aVhW1HJ9m1p5eDbVs/mb+mnZN/dGZTQaKjmpGKhHlqU1MywaeWlpCMgnx2aGBW
R5aqo5iSj4qHgn16d3dxb2FrRN2MIyzsyIA3SujVfFJL1L2HQBnXvKiPMxbMtoBKLMexgEYq2q6EUiXNo4dVLMy3nn1mUEvDqaeci3BRMbCgoZuUgGxDMLSwo5N/cmRUR7aonZqPhXZkXUWMoJyYkI
R8cWJcNZmZo5OPjIiJgoB8d3BiUe2AH+vQgTof33RJM+zJh0MixbOLM+PHg00h6cF/TD3du31SPNq9pYVgPB6pqKWfgl5GKenDrZFvTSi+saumnIVpYVI1ybOUfnNlWEAkwZyVmJKUjIB4cWtvRkvO
tp2Ri4J6dW5ubUuMlauZkIqDgoB4dG9rXjzQ334e/suDMxbfyodBEMu1fi3xzoJQRte/iVM2zLKKTSXKrYFUNMm6qJBRJsquhmFLRLOznoNoV0+2sq6Zg3BjXl3NspeDdWlpZluap5uPhXBjV1SOp5
WYk4eCe3NkXV6YpJWGjIqVjo2GfndxcWtda4KN44Ib5XU+Ot3HkjQc07aLKQm+sa6RJd6/fkkk0LuJUzTcrntVQCrFwKp/XjnHvKV+XD86zradhWJHO8C4oIZvXETFrpSBb2NVTrXGpI+GeGhbS0S1
n5eNhoB7cnJpW0+rxo6amZKMiIN9fHVvaEH3gi1g7HVGLuTHhDkc3caBNxPkyIZIOMrJsYNMOMeuhlc/KLW+pXtPNtS8nX9YRxvOuqOBaFRBsbirm4RqSz3YupZ9cm1cUivAsaGSh3VpXEpPp6qlmo
6CdW9nY17Qq5yRiH96enNxc3xkb7SZm5GKj46Kg4B5c25dZut/MU/xzIU7Fc+5iDXTvYVBIsi2g1M57L96XFA/17GDWTzZrn5dPxvSv6eCWDzOuKSFX0RByrmcf2ZYT0fIoYZwaWpYwKyZhnFhXFW3
oaOekYV2aFdUqK2hmJWMhHtyZmM7pKKbj4yGgHx6eHh4cXBlW/mAJ9h4OBjizIc6HdO/hEUvyLeDTSzJuq6ITibas3tTMuy8ilowyMCtg1xELM6vh2tRMuvGpoJpUz69p52CZEo9wrOvn4FuVUyava
WekIFuYF5FmK2gnZOLgXZ1b2VtWX+iiYyRlpaOioV8cmtnb3OD+X8xLd9/MdvDhkQx5MeHSy7zzYZTNtGxg1AlxKqLTinGqoJWOcLEpYhmTzrUuJp8YVAyz6+dnoVbMq3AqJeHc19EQcqkn5SQg3Je
Q66srJuVjYN1aVw6t6+YmJGHg310cGhjX5WkopaMiIF9d3N1eXFtW1Lofykr8dB7Oyjfx4ZCJODHfUI9171+STHwxoJWSCXgtIJKPNKxgUogtcO1hFg638Kgg0ko0MCqhWFSQ8C4moBvY0Zn0rGXgn
ViXkHmrJ6ckYV7bFY7zKugnIl/dnBmbWKvrpWJhoJ5dXF6a3CGeWg2+oEoLMu9lCHee0NC4IJKK+HDhUck4Lt+Sy/dsoFUL8+xhVY67MGqiV9DNLqvn4NeP8e4nH1dR0/CuK2ahWxbTVu5uqWQhXJe
T8+qn5iOg3lwaWxoXp6emJSShoF5cW5oVmCwopWMjYiGgoB7eXRxa2xxcuXMhjkd38B/QyXkwoRLNtPJs4A+Es6zgEwnxqmHSR/MrIhXNbG+qYJdSz7VxqKCXkks3LehhGJPNbutnYVqWESrsKGWgW
9jXlS+u6qgjIBzWTips6Kmm5KHeWteX12bnZmPkY+LhH15cm1ZUquJmZyMk5OUjYiBfHdwa2FD44Ya4YEn3IIs1oIzS9KCOErVy4M9StzEgEBCtcnFgDQd4cSARCnLw4hCIcS5glBPwLSGVzfAq4Fg
V1Uwmq2so5d+X1hK6MSSkIR9cXFuaW5RwZGfm4uSl5GLi356enJlXjT0hCE/7NKGL92DPBTbgE0368eGRTbRtohCJdm2g1My1a+AVTZPzMWwh1tWT9G2pX9eQ0HJs6yehlwxvbuchHJcNL3DrJiAb2
BTM7awoI98bWFWSpGnn5WTiYB5cGZkS1ethpSboJePh4GAf3x1d214f36RfVfP1H8Z3IIo2IIuKcnPhDMiyseENirIw4c9K9jDgEE32MKFSC/Is4JEGqu/soNVSy20rKCGRB7CtqWKZUlHsKybfGdK
Kr2upZV/dmVdWT2tnqGbk4uAfHZuZVxfNaOYi4mCgHt9fXx5d3RudF9ocZzS4oUP3dyAOjPj0IE8MuHPgDws18qBQjfbx4BBMtvGgkMy18KCQivQvoNHM9nOuYJKNcrNuoRQPCrUxrSDUT0zy8Swgl
VCNsK8qoNcTUO5s6yegWdcWFKhm6GioZiBbGJgX10=
`)

/**
 * Value of code 0 of lsfStage2LevelOffset8, in steps.
 * @sha256 6f0cec66795134fc2973ea0809535f7b1c2e6879d47c9607a5abac043a57f796
 */
export const lsfStage2LevelOffsetMin = new Float32Array([-0.45])

/**
 * Value of one code step of lsfStage2LevelOffset8, in steps.
 * @sha256 36b546e0309319c74d30e7f5f37458678142aef504102fbc60fc0e24c6f607bb
 */
export const lsfStage2LevelOffsetScale = new Float32Array([0.0034478905])

/**
 * Frequency of every level, in the same order.
 * @sha256 357c58f3e17f94ffae7c3c93ea44564fb250eccc637f9a991b2ba439377f2d45
 */
export const lsfStage2RootFreq8 = bytesFromBase64(`
Ci18/5kZBxE+sP+wShMFD0u5/8BQFQUcW8L/u1UYBggfU7z/vFceCgMGHFW//8hmKw8FCSt84v/KbiYJDi1x0P/OfkAWCgsaQorb/9iIRhwHCRMnUJnj/+qZVyIODBk0Zqfi/+qtaT4hDgsHDh8+er
z0/+Kve1IyJRYQDQoJEi1Ya53T//jLmGI1GQwUIjpUgarU//vmwJdnRS0dDAYGBwoPGCY5UXOMq9Ls8f/43MyukGtTQzAhFQ0IDg4QFiQvOkFZaoGfuNHX5enz+v/869i6n5GAbFpJMRwUEA4NXP9W
GRl5/3UZJmH/ihsTNqX/jioNKq7/okEWEzi1/40vIA0QEA5Bvv+1TiEcU67/wlIeFQ8PK1q1/71WGCA1jc7/9aQ2IjBtwv/egzUUHCp5r/D/z45wTCIcQXS//+3KhGtIMRMTHDZSg9vz/87Ir35SPy
AWFiIcMUhsjcbI//f97u6zkG53UCwTHBxDbsHo+f/Vwrp5ST1mYm53VFuMZmpGRkMoTz1JbEAtHBJ9/3YSG4n/hBcIJZn/ixYFJJX/ojIKCi6c/6EwBggvov+lOg4DFEWu/645DQQRS7r/sUYPBRVF
tv+9TxQGCCJjzP+3Vh8LBzF+2/+1TBwKDjBszf/JdTYYCwgRJ1qg5v/PfDYPCBEaMFia3f/gk1EpFAoKGSlHcZvJ8//x1KiAVzceERwsS2WAla/P5PT9+f/zz55oNxkLDTCY/6ciEjGb/6EsCAtCt/
+kNxEQPbP/vVQaBhZNtP+2VRwJCiZatP++UBkHGVi4/9ZqIg0NFzlvyv+6SRoLGTyA0v/YbysLBw0uZ8L/76RSIQcNHlOl9v/OmmQvGQoKER5GfL7q/+SreEw2HQ0KDhI0TH6z2e/+/9yQWCkNCxQg
K0BTd6vU+v/gvJyHYT8mGw0UFSEmRFt5o8Dh7v/s3c+wm2dKMB4QCx0oQ1hwjrXV6O3m//Tm29zHp5WKeXdUUjohIhYEXP9VBghd/1kDEWn/YQcIav9oEg9y/3UWCBWH/38bBwckj/+IGRiG/50iBQ
symP+dKwYEE0Cn/500DQ9Aq/+qOQ4RRK//tVQiCgUNJ2S9/+t6NhkPCQwZOWqp1v/Xbh4aN1JgnNT/7LSGXTkdDBIdOmGQyvn/++vTpXVUPUxaHwoxmf+mLAUKMKT/nDMODzyo/7I/DhFCtv+oQxQF
BRtPuf+2SxUEEkux/8JbHggaU73/w1ogCwYQMn7b/8llJAoHEy1mu//mfSwKChs/f8//1YBAGwoECxYuTYnU/9uOTikSCAUGCA0dMliW5f/Ni1IsFgoGBg0bMFaFrtj/9LJaIwkGBggLFyhMfrfs/+
S6jFkzIRMLBwUGDA8SICdAUnKOsc3r//XXs5J1UjklFhALCAoSGyIvMUNXdpq62e7//OTDp35mUTYnFxAJDkH/NE3/UgQCUf9QUv9UAwRa/1cDBVn/WgYKYP9cBAhh/2EMB2n/ZBAOav9sCxB1/3AT
BAYegv9sFAgjef+TJAYTRbb/hiMLCxBf8f/DkGsjCAoWMZP/0JlzV0EsIx8mEBqL/4cZBiOT/5UhBAcmlv+YKggJMpj/sjQICjao/58wCxBAr/+nOQ4MOKj/vEQNBhVEr/+6TRgFByFp1f/AYCMJDS
Zou//xgR8FCRk+hNv/yG0wFAkQJUyP2f/srGUuEwkNEylRk9r/+dqqdUYjDgYIEB48Y5nV+f/qvIZWMBwNESAtS2uRwOj4//7x2rKEWDgaCxkxQVReb3+Nnq26wNDb8Pj//+zXuZZpRSYcDgUfkP+P
IQQILZv/lygGBC6w/5ovCQ87pf+qOAwIGkiq/7RCDhVEr/+4URsHCRtNrv/FUhcGBxxZwP/HXyIKCip20//JaCMLEjZ92f/JbSsOBQ8dRIrd/857PRwOChYsW6Hk/9+ZVSsVCAQIDyFCd63h//3Rj1
QuGAwGBxIkQmyhze//8sWFUCMMDhomN09wl7za8f/348uqi2RGJxUgLENdfqDD5fX+//zr0sWzoJKFdGtVQDMlHBcPDAdM/10JE2z/dgkMbP+EGQcehP+DDgowqP+HFgckl/+gKwoJMKP/mSgLBAsw
qf+uOAsVS8T/qUYQCRthzv+kPA8TO4Pg/8VoLA0KEjVqvP/3qVgvEgcJDhw0Wprb/+2rZTchFQoOGjVPjc/3//HGkVg0Gg4RHB9FbI7B5P/24Mmlkop1YUgzJxYMGDZWaoeboa2xxM7c5ePt8fPr7/
/jxKSHaVY+KRcGXP9bBgRc/14IBl3/XggIX/9gCAZk/2gHBmT/agoLbP9nDxVy/3UPFID/excVi/99IQkbiP+KIQQhk/+OKgoTQ7j/kTYOCRItc9v/qVwkCA4/pe//+ZdZOj47IRILCBUqUlhnq+r4
3f/xjnBdVTQdCwcPfP99ERWD/34WFo//iyIEByiQ/5QkBggqm/+eKggMNqn/pzkNDT2t/6g8DA07rP/GTxYIBRxcwf/BThMFEEuy/8djKA4IJ13B/96IPBsJBxMkSY3a//G5dTMPFzt0q8/o/+ipYC
kHCx9Deaba+P/42qx6TSwZFAsNEiNCd6nS8//7/e7WrothQisaFxYOCwwJESM3SFZeXWdzkaXA0uTw+P//9O3v2sm1nG9PLRgOdP97DgyB/4EUBByA/4gbBBeQ/4wdFJL/lioGBSec/6AoCActo/+t
HgUwtP+lNgkZX8r/y2QjCQUQFCBixP/cdjEIFSpanuX/xWYkCQshQnG69//EaiYOEi9osOv/8NCLQxILEhcyQlR2p+j/8bx0MxEUSZPT//3fuY1wUz8jFRUNDBANFhkVHyAsOVByfaS+zOHw+/33//
XjzqqEYEo5Iw8Mdv97DhWE/38TAwUeiv+KGQQcjv+VJQgDCCKN/5ooDQQEH5T/my4MDC+f/5krCwgsmP+5OgYNPrf/pkIVBhpXxf/AWiIuguL/wFojCgYXRpLt/8t4RicRCAYPI06Hxu7/7KNUHw0P
HDNReq3i/+2wbDENCAgKERUbNVqWz+3/9Nm8qqWVf109Hh4xSnGWuub4//LfzbzLyeLf4c+2noVfQS0hDHL/eAsPf/94EhKJ/4gYBCGO/44XCCeZ/5AcDzam/6svBQYQPqv/rDcLBhI/qf/ESw8HGF
nM/6ZIFQYPJV66//B6IwoJJmTA/+uIPhUKCTuE0f/zq0obCw4fRX3A8P/Ym1AeEA0aKjxYe6Tb/+mwb0kyGA4MIzVSibfj9P/p2rF5PhALDREWGigsOUBMaYWox9zq//vu4869qpF8Y006KBkOe/95
DBOB/4QWHI3/jBsdkf+SJQsFJ5z/mScEJp7/nC0GCC6i/6E0CgQIN6b/pz0QBj/H/543DggFBBVSwf+sQQ4SeP/4p2AoDAkhXsP/0HovCwcgU6Di/99yDggSJk6JyfT/5LN4RiAMChUpWpHN7//47c
+6oYdhPCULGR89U3CSttHl8v/68ezczsKshE4RF4b/ihsDBByM/4wdBAUhkf+SIgUIKZb/mCQFCSqZ/5spBwcrnv+bLQoJLp//lzEMCjGh/6EtCA42of+mMQoON6f/ozUMDTus/6c+EgQFFUSw/69G
FgYDCh5Rtf+3Th0JAwcSLmfH/7hbKxIGBhAjRIDV/9OLUy0XDAYIDRUhL0Jaf7///8GUe2BKNygbEwwIBUv/Rgxm/28OCXX/egwTgv98ERR4/30WEnv/iR0EG57/kRkfkf+ZLQcJL6n/pzQHBRA9sP
+0PAwVT7v/wlQdDAYaXM//v2czGA8GBiViq//bgTAPCiNNl+X/y4FAGwgIESlRgcHr/+a7glUzGwoMECA0Smybxd7p9P/itI1xUisSDSj/Mgo6/0AMMP8/Yv9SEVz/axUNa/9OGQ8Ldv90Fw51/3wb
CyF6/3kLK6D/uSIiYv/+YRIYU8f/qGMjL5P/2nRFFRIRKWjl/8yaSicVIUyExf/z8KB3TBUVKHPa/9KqVlZXaWiBalI6PFc8Hj3/NgJE/0MEU/9CA1D/XQgGWv9eBAVd/2QKDW//ZQgKdf9xBw1x/3
0QGov/ghYcmf9zFiGQ/5suDBNIv/+SJgsaS73/rkUVBxY7es7/7ahaJwwJLmaStt3u/+qWPRQJVf9UDlf/Vwlt/14JCGz/dA8Nb/93FQQYef90DxN8/44YByWO/3IVCiud/5QeBR+H/8E6Bg05wP+s
TRYKHmjR/8FhLw8KGkaV3f/rdiAJFy5Qj+T/y5dUJBULDyJEdrXl/9rAjUwnDRE3XZjZ8v/959CuiGlIMREm/yQs/yUGNv8qNP85Bzv/QAhI/0kGB1T/SwNH/1YCB1v/YAQOcf9nDQxm/28MDXX/gh
0EHIj/qC0QBQYZWrn/mxYNMEyk/9GHPhYYQ5Lt/+SYUE80BFb/VwMGXf9ZCApj/2sIC2v/ag4Sd/90DQxu/4QVEHr/gxYDJJ3/ixkHI4T/oB0HLJf/njAJBRQ+of+qPhEFCBtIsv+mRRMGDi50v//C
OgcGCyZry//HdjIUCQQKEyE/aqDS/+Wqbz0dDQYGDiAtQWyo4P/rtntJJxAFAi7/CBX/HRv/GBr/HyP/ICH/Iir/Iyn/Ky3/LQQz/zA6/zgDBUn/NgdH/1YIEnz/TgQHCpX/s18DDzDg/6BoOikcQv
9DA0z/TwIGUf9RBgZX/18FBWH/WAcIaf9lBwZf/3AGD2v/eA8Uj/+BFheD/64RCDCn/40kBww5qP+/SRAEDCV17/++Yh8GBREwfeH/zG4qCRU0Zqfn//W/dTINJzlNaYaqu9Tt//bTkUUfCkn/SwIF
Vv9RAwRj/1UFCWH/YwcSbP9rCA1s/3gSE3D/eg4Uff+FFwMcl/+KGCec/5AfDTap/5cwDAYUSbr/tkUUBQghYsL/5XstDwUTPYvc/9RuIAcJHDxrrN3/88ySTB0TJUl8uev//NzCoYltSi4ZDwgZ/y
kz/zEs/0MHSP84BWD/QQZQ/1kGBl7/VQYGYf9lCQ14/2oKFov/YwgEKKX/jB4FJYb/xUQPBxdErv++Th4LDTFz3//UdC0PEyhls/n/2qCGYjshCxlLeZ2swdjr7vb5/8mLWi8YJf8kJv8oKP8qKf8r
Lf8uKv8wNf8vAjr/OAI//0ECAkb/SAlH/00EUP9TCAtx/1wKCCOf/4EaErL/tUo+IQwFCChNjv3v/4tmOA45/zlA/z8CR/9MAwRQ/1ADBFb/VwQHYP9kBgdo/2YKCmL/egwSgf97CQlx/4UbFX3/pi
0IEDel/85WDwowkdn/wkUICj6M3f/pl0kdDQokccb+//PAeT8bEgsKFi9MU2CLt9Lx//zt27SDQxIz/zg6/z1B/0QERv9FBEb/VQMEVv9VBAVa/1wDY/9hBRCG/4kXERaG/5seE0e7/4UaCDOO/+RM
Cg1Nwf/VZgkNFzphuv/RWg4KbeD/xXxMJhENCxQVIDNVf7fZ9v/97MWCUSwQM/85P/89A0j/QwJJ/1IEBlD/UgcETf9aBgdf/1gHBVX/bgYIcv9tEBOC/3wZGqn/fhcFObb/mDYNIHPY/7Y6BwgRMG
W7/9BZCQkLH0mr8f/YtZJdJxc7e73w/9rD0ODfwY5SLBQ1/zQ8/zhC/0EDSf9EBFL/SQhh/2IJZf9jCA5h/3YJC4X/ZxADGHr/pRoZhf+oJgYknP+/MgYGGl7N/6w4DQYZL1my/8ReKwwJIkyj8P/m
kysJDBMiLz5fnczz/+fIn3VLLxcMNv82P/9ASP9FRv9LCFL/UQQDUv9VBQVY/1wIBmD/ZAoEcf9eDAUOe/9nCQuw/3gcGIb/lxoIN7T/kQUGIm/Y/8pnIAYXVLv//NelcjUQDhhBbafh///12qlwGE
D/RAICRv9IAwRN/04DBlX/UwQGWf9YBgha/1wFBl//XgcGYv9gBgdl/2UKCWb/aQsPbP9tCxF0/3QRAxl+/3wXAgYjg/+TJwgQOaP/qkcXBgQLFitHcaX/1nI/IxEHCREwhv9wCTes/6Y+DAo/rP+Z
OBANU8r/qkYRBQxMyv/AXhoHG12//8pXEAYUNmy6/9hrGAQYP4fe/92OOg4JIWvC//SrVR4HCREiS43U/+qXSxkGCBElSG+i2P/7ynUyDBEiOlWDsuL/98OGVCUKCBYmRnKl0vD/8M+rfFMxGgsWN2
eh2Pv/88+idVZDOCsdERUkPFdxlLPR7Pz/8+bLr5JpUDQeEAwIBxUcKTNHUmSHoLLG1uTz9v/66di5lmZLPyspHRELIYT/oBQKHD6P/6MPCTeq/6oxBwg8yP+mTx8KCyprxP/CSAoII2HE/8ZcGgQL
MHrW/9B1Lw4HIEyM1f/qnEoXCyhfquf/2ZFLJg4IDyddo9//7LVuMxESQILF8P/2y382DwoVKVOGv+7/7LiATSMMCRYvTXGf1Pr/78qbaUEdChEeN1V5m8Di9P/237SEVS4XDg8eLkVcepzB4Pb/9u
PDp4NdOiUWDAoRHCc4SmF9mbTJ3vH7//vt38itk31pTz0qHxkWExR0/4YYBQY1qv+hLgcFOcT/qU4iCxRMuf/GURAEEixirv/ZRgkIHl7B/79aHAYKLGvP/75VGAgvftT/3HskFEKJ0P/ohiwGEzVr
uff/1ZRVKg8KGSlCaZzT/v/PejYSDxUoPGOOx/f/9MFzKA0dNV6Uyfb/47eIWi8YCAgUITZOcZ3M7f/12qZuQiQUHCMvT26Pudr0//jjxJ5zTC0ZDBQYKkBJXnqPqLrS6/X/9uvezK6UeFk5IxEGbP
9sEQUomP+SKQslwf+JNxIHQbL/vUoRCiNTpv/EOwUMR7z/wVoXFVbK/75bHQYebdX/wGYqCw4hT5nf/+eZRxIJHjhhn+D/35RKGwcGFTVnr+7/zXYwDgkMGCZFb6Xg/+isb0YuFwcJHUqP0fj/4cKX
akErGQkPEh8lNUhqhqXJ5fz/89i6mHVdQy8VDQgcP1+NtNPt/f/12sOqi3NZRTEaCw0TGDRaeqLH5fz/+/j28OLIqZJ0Yk06IRIFGIX/fg8DMqj/py0GCjaj/7lFDRxYv/+nLgY0rv+3WCMNFk+1/8
9oJAkJJ2W4/99rGg4zd9H/0XcsCw0eRHm+//+PHg41fM//45VMHgoKFTZurev/6KViMBYPID9ztvD/67uHXTceEAYcQoPG9P/xzZpsSS8eFA4KFi1Jdp/J7//wwYtbNR0QFB85S2GFosbn9v/168mj
f2FFKxcKHCQ0OT9GVF9ykKnE3PL8//PgxaKDbFU9MiUbFhFy/3YOFqj/gSkNBiZ7/60vCAQcR53/sSYFCBUtUp3/xCQUXs3/ulgcBgkeXLr/2ncoCwsxku7/xnY2EggcR5Xm/+GYRhANIlOf7P/ThE
EWBg4sXaDd/+qmWSQJCRQsX6Ld//G9eUIeCAkdR4TD8v/nuoVYNRgHCQ8waJ/P7f/42qx4Sy0YCxcvU3eXvt7y//345smkhmpNNCMQEBAZLDBEUW6HobzQ5vX/+ezYyK6YgV5HJw4Ebv+BHgcEDJr/
fjANDkKz/7I9ChRHuP+vOgoMQK3/v1gdCAUPMHLM/8JeIgoSNH3Q/9uGORUJCyFQnOr/xm4vDgwiX6fs/9GDOxoFDClbouf/4qdtOhgFChAiQXCs5f/xvHAzDBJBjtL//t+1j2tDKhkLESE9ZZLA5P
3/2qx+US4XDQkPGSg8X4Wv2fX/7s6of1s9KRQODCI6YYes0O/8//DgwKqTcl1ANSEeFBENEBolMkdXZ3WHnLnN6/r//fbhzbCPbE0wIhQHYv9oFwYGNaL/qzkMBhZHqf+7NgQWSLH/tUMOCSNhyP/F
ZScLFGvk/71yOhwLCyx+2f/XfDMPCDCM6v/ThkAVBAgZRovb/9WCNg8OIkyN1v/eikEXBg4sZq/u/9eUXDAaDAUZV6bl/+SqdEouHw4HBxxDe7jr/+q8hlQwGw4HBxEbK0JhjLzl///frHdLJxQJCx
gkOlRzl73g9f/65sWidlM3Hw8eMEhoiqzI5PT//O7axa6bgm1dUkg8MSgcEQ0DRv9TDh2s/4ElBQk2n/+tOg0EFU2z/7hPFwQNKGPC/8RgIAcFEStswv/gdhwpgOX/xG4sDBls0P/vljkJCBc5e9H/
24hAFwcPMn3Q/+ipXCAcTZLc/92hZzMTBgkdN2Ki5P/ioVgmCwgPIDtrr+z/5rV3QB4KBwoZLkZtn83y/+y7glY3IBAKFCQ0T3SWv+P2/+7Rtpl1X0I1IxcNCAsOFxwjLDtDVW6Lqcbd8Pz/69Ouh2
NEMCIeGhQId/+BIAgZj/+JIgQQOZf/oEAQEUm0/85eGwYIRbv/yWknBg4xdM7/znInBBA4d8f/8YUrBxVCh9r/1H85EAkfTI7V//GyYCkNDTFzxvz/0o9RJw4LGDJPcJ3X/+iXRA4QKlOHteT/9tCV
XiwTCBAiO1yAps/t//TOmmAvEAoQHCxFZYquzuv/8dGmelEuFAYVGzFEZoiq0Oby//vs0a6PcFI4JRgOER0sQlx+oMLc8f/89ObTtpd9ZlhMQzcqIhINDHv/dhsHBTa0/5o2Cg9GrP+7ThUNUMX/r0
oZCRpgyP+9Wh8HEUu//8luMhIIJHPP/8FhIAsOMnjS/89pHg0VMmvH/9J+MwkHH1Kd3f/ZcB8GDB5GhtP/4JdXKRIRMnGz7//lvIFSKRIHBxRBgLvt/+zGi1UtHAsMGS5OgLPN7v/y4bmKVS0OChoq
PmOQxer/7uTLr4lpSzknGQkSLVCFrs/i9P/59N7JrJhyZFI8NSYiHBwQDAtZ/2gVBAMQLXT/oBMfqv+ZNg0jqP+3TREUVMT/w1sZGGLO/75eHgYGJnnY/8tzLgsNLnbQ/9V6LwwGGT58yv/unkwaCB
QxYaDi/9+OQhUSMGmu7v/UhkccCA8iQXCt4v/uuHpFIw8KGDJelsrr//vVl1wsEQkVJj5bgKnT8//8376Tak85LCATChYjMUxpiq7X8Pz/9uG/noRlSS4ZChAdM0xpg5OpwMze6/b+//jn08CqlH1l
TDwuIBcTDwk3of+0PQwSU8b/sEgSEU27/8NaHQgEDShryP/CRwkKJW3Q/8JfHwQROHjJ/9RmGg84fMr/5IYyDQQJGEGE1v/UgkAZBwkaT5zk/9mLRBwLCCNVmN3/3pVUJw8JFzJhoeD/56hlNhgIBg
sZLVF9t+v/5rZ9TzAeEQUFDBQsSXOr2vX/9tuiXSEGCRAXMEltl8Dn//zap3VLKxcNCxQcJzVJVm+Kqcfi+P3/7dO4lnJYOyIQDA4QFRggKjhEVGV+nLrX6/z/+O7YvZp8YEIrFglk/2UJDGn/Zg4R
c/91FhZ//3saBh2K/4YkCgkpkv+XLAkMNZ//mS8KBhY6o/+WJgQPQ6//nz8TDUe0/8JOFQogWb3/v18nDg0pYb3/0ncxDBY8f9f/2I9QLBkLBgsXLVGBu+//3pdZMxUFHFOIp8vv/+7bvpJuVEUxIx
wQDwsOEBMWFSInNkBUd5WwxuP6//Hgw7CZeVM6JRRV/1YNBAMeff+FHwMdmf+kNgspq/+qTCAIDEu6/8dYGgYII1u4/8lXFgorcM//zXAsDQs1ht//0XkyEAYUNXfL/+ONQhsLBQsqV53m/9mMRRoJ
BQ0aNV+V0f/omkAOBg8wZ6rg/+/Hj1IiDiJOhsX0/+a5hVcwGQYiQniw4//72q1+Ui8aDwYMExwtQl93m7zi9//02rePbk8zJhQJCQ4MFR8pOlJ1i6zE4O7+/v/27NrDp5J3ZUw9NC8rLSIlIiIZDQ
gbef9hBhmK/4UXHpD/kB8FCCmX/5cmBAQPN5//ojEGBRZAo/+zPwwORbP/q0IYBhRJs/++VRkFDi1syP/GWRMRLG/L/8xyNBYJBQ8iR4TL/9BgGg4mTpDV//GrWyYMDiA7b7Dw/9acWiQNDRszVovF
8v/kv5BiPCMSCgwWHTRObpfB4fj/7Ni/o4hmSTAfFAstV4q64fP///Pp2MCuoJaOgXltYVZFOzEnHxkRDgsJCAVa/2QRBAcgjP+PMRAEAxA5oP+qNQsNOKv/pT0TBggYR6v/rj0QBAUUQq3/sUYVBA
gaS7D/tkcTBAUXTLf/uVEaBgkfVbn/wFcdBwghW77/x2MlCw0qaMj/wV4jCgQQLm3K/8dqLRAEBhQ1ds//znQ2FQcLHUKD1P/VhkgiDgUHESI/a6rn/96haUAlFQsFCAwRGyk8WYK56//msntSNSMV
DQcDD1P/JAdl/18GDHL/VwQGgf9nDQZ7/4MSEn7/hAoGJoX/kw4ELaX/qygViP/GPQQNN6L/sjIFByFdtf/fWAwRNGvA/9R0KBQ+i9j/3JZLFwYwguP/2Y9RMyAJDy1ZjcXx/+vBhUwgCQcPIThVga
jL5fX/3q5oOyobCEj/RRFZ/0AGYv9ZA3H/bRYDGoj/dwUVhP+CEB6a/5QfBTak/7gyAwpFwP+mNgwLQ7j/yFQOEWPV/9ddCwckbs3/yGceBhVEiOD/1IE3CxQ4b6/n/+miThgGCiFEc7Dp/+q0eTwZ
CAoXLFF+rNfx/+/RpHxTLhkTDDv/PAQEY/9bBwNu/2oYC3b/fgcEInj/fAQVgP98ER+S/3wPGqD/nBQroP+qGw9PzP+oQA4MKFat/+NcDQcYN3nR/85PCA8vedn/xnEqCQwkTpDb/+GLNxQeM2Oi3v
/stGoqDg8WMlN7oczx//DXq3VDHCv/NART/1AFZP9SDQVt/3UKHXH/cgVz/38MDID/gRMTkv+HHQs4r/+wLwQIIVW3/60zBwUohv/1WQgFDCJZuv/DWykHGHDf/8yEPxYGChkoSXu67//hqHBDHQYN
PILC8v/lt4dZORALFTxzvvP/++7ToXNPKA4DPv84A13/WgMGXv9vBxB1/1oDXv97GA91/4sVFnv/mRAjmf+VHwkykf+zDCOX/644CBJTwf++SxIHHFnH/8xxNBEZZdX/1n9AHQ0UQYvX/9B1LhAQJk
t6tuz/7bh3RxwHGzA+SmCGtOX+/9eebkUpHhADM/83T/9JCQVG/2AEEWj/XQMHImz/YwuG/3sRE3z/mRkcsv+PJQYGMq7/si0KPLj/nS4GD0i1/74/BxBHs//OXxkZadT/y3EuCAgrhNn/5JNFGwUd
So3O9v/ot31NJgkSFStEbJvI7v/00at/Sxkl/0UFQv9PCQlt/2kHCnL/ZwQGaf+BFAQhk/+CFyWa/6QoBwk6uP+MIApEwf+dLAUKRLv/ulUVCB5Zvf/LUgoQbOP/wn49GAcROH7O/+mZShkEEidWmu
L/25dVKA8RO3/B9v/juYdbNx4RDA8hOlt1l8Pw//bXpGk3GSj/PQUCXv9iBw9r/2kOcP9uCBaG/4cZCpr/hikIHZ3/myEdrv+fLwUGMan/mSEKOKb/qDAGC0vD/6pHFwQ6u//GaTAOF13I/8xwLA4J
Gz53yv/pkkETChg6bKnk/+23bzgPFzZqpdn7/+K3lG1TPy4bDhb/K1r/SAMEXf9lBw5z/3YPHIX/hxUEIov/nBIapf+KGw6N/7ojBiqb/6YuBiGY/8lICAU2qv+2TxEbULz/uUMMCBxUw//GXxsHGD
+G2P/LbjAPCho0bK3u/9+scEQlEwkPGyc9V4e76P/2w35HKBwRKf9HBkX/Swpf/2QLCnD/iBAFcv+MGCCV/5EXJpP/rRkto/+cJwc3pP/IRwwLU9j/pz0NCixfr/+2LQUnbcP/23wnCAclU5PY/9x/
KQgUK1+g1f/ckkkXDCBEf8Hq//DCh1MrEhgzXZfO9f/nwo9mUDwnEQY3/z8EBWT/WQcKaP9yCwl9/2wQEIT/fRIJef+RIwMUmf+DFiKX/5APCiOM/54iBDmx/5YQCzKh/7NFDQxXyP/LbCMIE2TN/9
VyLAgGFUGd1v/oo00SDStftf//3adnPB8YUKTZ9f/ouo1iQS0fGg0IG/82BAtH/0hU/1sJVv91Cw1+/4EQDov/fxIXmv+SHh2V/5kfBi2V/7o2BxNOt/+oKw9Sxf+hMwkGHlq//8hhHQYKLXzV/+J6
JQwmU5PZ/+inYzojDhMlTILF9f/nr3xIHwkaPm2Vvtjx//zeu5RqRCoZDgVd/2YGCXv/bAsLdP+BEwQbi/93BReQ/4QUJpP/kg8ll/+nIQgvof+gMQYIO7T/qjQIBj2u/69DDhZOtv+/TxUNLG7O/8
RpLBEHGEaW6//dfxkECxlEhc//5ZFFFwkQIDxYhLfq//PMkFYmDgoOEx0vRWGQxev/886UYTARMP8tMv8yN/87P/9AB0j/SggGUf9VBwlg/1kIAhFf/1EDC3L/ZQ0Lb/95DhZ+/4MdHIP/mSEsnP+n
PhcEBw0qbc7/r0QOB0aV1v/lr3BJKxcOCAsQFSAyUYe25//kt45TKQof/ykDA0P/SEv/YwZb/28VCHX/gRAVe/+GDRuS/5EeI6b/lyIEBCeS/6ouCgtCuP+nMQcIF02q/7YrDU6+/9hzGgUdbNL/yG
8oCQo5mfP/v2ssDwskQXSt6f/jpGY2FAoKDR0wW42/6P7/7c+ndVQ5LigkIBIGP/8lRv9CS/9LAwZT/1EEDF7/XgQOZ/9rCAdu/2oPDnL/exEdif+CCgYfkf+UJggMOKD/iw8MPKn/xEMMHlnJ/69B
Cw4tddf/y3o3EwUJFjFnrOn/3rKARyMQCDSN1v3/78yrl4RvW0IxIBQNCAYEQf8uBFj/Yg4JbP9uDglv/24NDXX/dxMPev92EQ96/3wTE3//fBEXg/+GGAMejv+IGgMci/+UIgMFJZX/liUFBiyd/5
0sBws3pv+oPA4JIVzD/7paJAwHDh07c83/xm00GAo=
`)

/**
 * Cumulative frequencies of the centroid without a condition: [voiced][17].
 * @sha256 0d4a390b7fb0504cbfe8f351bbcb56866630c6e4df6fd39c2eef9f4d7650926c
 */
export const lsfCentroidCdf = new Uint16Array([
  0, 1148, 1204, 4742, 5155, 8714, 10707, 14477, 17237, 21524, 22034, 25105, 26891, 27714, 29801, 30978, 32762, 0, 1713, 3997, 6053, 7053, 8520, 10041, 11474,
  15913, 18784, 20226, 20994, 23598, 26703, 28912, 30415, 32760,
])

/**
 * Cumulative frequencies of the centroid with a condition; symbol 16 = conditional: [voiced][18].
 * @sha256 9c3cd6136b23585c1815e7ae78902a5b840cf60e8133f5f361d0112837381e0e
 */
export const lsfCentroidConditionalCdf = new Uint16Array([
  0, 623, 645, 1444, 1588, 2310, 2832, 5736, 6721, 8146, 8234, 9190, 9531, 9708, 10051, 10359, 10794, 32759, 0, 127, 289, 514, 599, 815, 994, 1101, 1880, 2347,
  2428, 2507, 2784, 3053, 3986, 4100, 5462, 32759,
])

/**
 * Cumulative frequencies of the voicing: row 0 first frame, row 1 after unvoiced, row 2 after voiced: [3][3].
 * @sha256 b7ee483f1346f6771046b0f6e087450adfdb347322dcd9a29329e0714b44a16f
 */
export const lsfVoicingCdf = new Uint16Array([0, 5, 17, 0, 7, 9, 0, 1, 10])

/**
 * Cumulative frequencies of the interpolation index: [3].
 * @sha256 94bcf9ca70856b56492b9bd48be5b60f49caa9833e230d69f250ea8386783bf7
 */
export const lsfInterpolationCdf = new Uint16Array([0, 5, 7])

/**
 * Inverse covariance of the LSF vector, lower triangle by rows, packed: [voiced][136].
 * @sha256 06dd4f200f761cd71dc9c65c52fbc68f8309f2254850447945aa56bd54fa5765
 */
export const lsfInverseCovariance16 = new Uint16Array([
  37945, 10608, 38305, 20524, 12017, 40876, 18176, 19826, 10254, 39827, 20207, 19558, 18665, 9584, 41648, 18789, 20180, 19933, 17964, 9709, 45342, 20461, 18158,
  18668, 20093, 16030, 9348, 47325, 18708, 20276, 18694, 20045, 20635, 15093, 8831, 49438, 19115, 19085, 20208, 18966, 18674, 20295, 15472, 7364, 51061, 18764,
  20332, 19221, 19925, 19005, 19602, 19751, 16061, 5238, 53254, 19717, 18785, 20081, 18350, 20147, 18766, 19878, 19242, 17016, 4919, 54967, 18993, 20165, 20078,
  19227, 19286, 19435, 19432, 19399, 18586, 18312, 2783, 56745, 19992, 19201, 18481, 19837, 19862, 18930, 19087, 19416, 19515, 18489, 18634, 2957, 59416, 19851,
  19233, 19020, 19826, 19686, 18960, 19752, 18568, 20173, 19360, 18156, 18753, 0, 62281, 20395, 18827, 20002, 19646, 18721, 19706, 18785, 19827, 18627, 19672,
  19162, 18026, 17498, 1860, 63566, 18393, 20017, 19473, 19421, 19542, 20015, 19606, 19130, 18569, 18736, 19727, 18746, 20358, 19022, 871, 65535, 65535, 0,
  53282, 20726, 14262, 42686, 21270, 24350, 18000, 36700, 22500, 23560, 24417, 14678, 36367, 21875, 24775, 20959, 23055, 17449, 37020, 22695, 21736, 23711,
  22772, 21421, 18181, 37328, 22640, 24655, 20935, 24213, 23110, 21607, 17513, 37662, 22426, 22724, 24267, 21365, 23426, 21569, 21662, 18478, 37730, 21930,
  23894, 21783, 23352, 22290, 23723, 21975, 20933, 16573, 37822, 24474, 21678, 23809, 22236, 23418, 21925, 23380, 22733, 21914, 16905, 36336, 22650, 23799,
  22058, 23643, 22282, 23770, 22252, 23199, 22259, 23142, 16546, 36717, 23619, 22146, 23411, 22910, 23046, 22590, 22370, 22870, 23067, 22190, 23515, 15946,
  38058, 22278, 23901, 22311, 23369, 22613, 23249, 22281, 23096, 22793, 23166, 22124, 24274, 15358, 39799, 23289, 22732, 22948, 22745, 22746, 22775, 22492,
  23127, 22784, 22379, 22913, 22441, 23484, 14993, 40326, 22946, 24176, 22578, 22927, 22990, 22978, 23489, 22525, 22466, 23023, 23301, 23176, 22106, 24514,
  14392, 44344,
])

/**
 * Value of code 0 of lsfInverseCovariance16: [voiced].
 * @sha256 88b43b9c3d0475bb648278e9cd4baed6cd6df9a36b8973baa27a0ee3116de7d5
 */
export const lsfInverseCovarianceMin = new Float32Array([-3.5960955e-5, -2.778548e-5])

/**
 * Value of one code step of lsfInverseCovariance16: [voiced].
 * @sha256 ba4d541abb5c55aa0027c60879514732fd39ff02dccde1fb6f4cb8cdfef9cb30
 */
export const lsfInverseCovarianceScale = new Float32Array([1.8589316e-9, 1.2180106e-9])

/**
 * Weight of the new LSF vector per 5 ms subframe: [interpolation index][4].
 * @sha256 c18ef2f503d115ed2bff6853450595142f38084d09bb69cb47fd90c78f57de25
 */
export const lsfInterpolationWeights4 = new Float32Array([0.55, 0.88, 1, 1, 0.3, 0.65, 0.95, 1])

/**
 * Weight of the new LSF vector per 10 ms subframe (low rate): [interpolation index][2].
 * @sha256 2c3fcb5bd5f762ccbe81bfcd2c323b861600b8e957589cc7fa872c566edb64c4
 */
export const lsfInterpolationWeights2 = new Float32Array([0.75, 1, 0.4, 0.95])

/**
 * Slot of the cosine of LSF k before the two polynomials are multiplied out: [16].
 * @sha256 e94764ab54e9d5c2337081083435a11e38b014af12a571102f4792c27190cf0f
 */
export const lsfPolynomialOrder = new Uint8Array([0, 15, 8, 7, 4, 11, 12, 3, 2, 13, 10, 5, 6, 9, 14, 1])

/**
 * 2 cos(pi i / 128), Q12: [129].
 * @sha256 be2f9383ebf1689a54cda6ea1f34cc306e6dd6fc38c3f32f7c0a7a5e74e8eec6
 */
export const lsfCosineQ12 = new Int32Array([
  8192, 8190, 8182, 8170, 8152, 8130, 8104, 8072, 8034, 7994, 7946, 7896, 7840, 7778, 7714, 7644, 7568, 7490, 7406, 7318, 7226, 7128, 7026, 6922, 6812, 6698,
  6580, 6458, 6332, 6204, 6070, 5934, 5792, 5648, 5502, 5352, 5198, 5040, 4880, 4718, 4552, 4382, 4212, 4038, 3862, 3684, 3502, 3320, 3136, 2948, 2760, 2570,
  2378, 2186, 1990, 1794, 1598, 1400, 1202, 1002, 802, 602, 402, 202, 0, -202, -402, -602, -802, -1002, -1202, -1400, -1598, -1794, -1990, -2186, -2378, -2570,
  -2760, -2948, -3136, -3320, -3502, -3684, -3862, -4038, -4212, -4382, -4552, -4718, -4880, -5040, -5198, -5352, -5502, -5648, -5792, -5934, -6070, -6204,
  -6332, -6458, -6580, -6698, -6812, -6922, -7026, -7128, -7226, -7318, -7406, -7490, -7568, -7644, -7714, -7778, -7840, -7896, -7946, -7994, -8034, -8072,
  -8104, -8130, -8152, -8170, -8182, -8190, -8192,
])
