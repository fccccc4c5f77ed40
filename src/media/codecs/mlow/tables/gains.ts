// Residual energy and gains of the unvoiced pulses.
// Origin and rights: docs/decisions/0010-mlow-tables.md. Values are little-endian under the checksum.
// RootFreq8: frequency codes for cdf.ts.
import { bytesFromBase64 } from './base64.ts'

/**
 * Mean residual energy of four subframes: [84].
 * @sha256 7c4e18446c8d59e5c3260a1276a7754d451e7cadb91c3268165c651752761b66
 */
export const residualEnergyMeanRootFreq8x4 = new Uint8Array([
  143, 195, 199, 198, 205, 215, 229, 240, 245, 244, 249, 249, 254, 255, 253, 251, 247, 242, 237, 233, 231, 230, 231, 223, 218, 216, 215, 214, 212, 210, 211,
  216, 213, 219, 220, 227, 232, 233, 236, 237, 240, 238, 242, 241, 242, 241, 238, 235, 230, 219, 216, 205, 189, 172, 154, 136, 117, 100, 82, 66, 53, 42, 31, 20,
  15, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8,
])

/**
 * Residual energy shape of four subframes: [98].
 * @sha256 f8818b7fc1fc9ca8d38b1ca38722f6890a29f7827e93519d35833f359e729835
 */
export const residualEnergyShapeRootFreq8x4 = new Uint8Array([
  34, 13, 12, 37, 46, 23, 45, 74, 255, 19, 10, 11, 19, 9, 10, 11, 19, 14, 40, 19, 24, 34, 18, 41, 42, 28, 38, 24, 33, 17, 43, 32, 27, 16, 24, 18, 20, 17, 48,
  23, 17, 16, 94, 29, 49, 99, 10, 33, 10, 17, 12, 32, 16, 22, 19, 17, 14, 17, 19, 20, 7, 11, 24, 8, 14, 35, 29, 22, 25, 17, 16, 22, 12, 32, 11, 11, 15, 29, 26,
  21, 30, 16, 28, 66, 23, 27, 21, 51, 20, 33, 11, 7, 7, 15, 5, 5, 15, 20,
])

/**
 * Mean residual energy of two subframes (low rate): [71].
 * @sha256 5c0bd2b2afac10b8b3f0f9fc3c5a4219a17f30f05e1400916913271ed5892fe3
 */
export const residualEnergyMeanRootFreq8x2 = new Uint8Array([
  139, 194, 196, 200, 209, 225, 239, 243, 246, 246, 253, 255, 253, 249, 244, 239, 233, 231, 230, 228, 219, 216, 214, 214, 213, 211, 214, 215, 220, 223, 230,
  234, 237, 240, 242, 244, 245, 245, 246, 242, 237, 230, 220, 210, 190, 170, 148, 125, 104, 83, 64, 49, 36, 22, 14, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8,
  8,
])

/**
 * Residual energy shape of two subframes (low rate): [22].
 * @sha256 4ca771aa6a526288fc9e991d83b726c245696b922d207b7ba7453de1267a24ae
 */
export const residualEnergyShapeRootFreq8x2 = new Uint8Array([47, 52, 137, 58, 61, 21, 73, 240, 55, 95, 255, 68, 83, 108, 48, 50, 49, 45, 35, 155, 31, 41])

/**
 * Unvoiced pulse gain: [1 = two, 2 = four subframes][pulse count class][gain + energy offset] = [3][4][176].
 * @sha256 9d5663df430c2ac24ea3440870e4fb2e77ace95475b2360b68534629f78aa7ea
 */
export const unvoicedPulseGainRootFreq8 = bytesFromBase64(`
AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwQDAwMDAwUIDRMfNV2h5P/z4tK6mHJUPzIpHx
MKBAMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwP/////////////////////////////////////////////////////////////////
//////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////
//////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////
//////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////
//////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////
//////////////////////////////////////8CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg
IEBwcJDBEUGyIvQFmO2P/yzKeHblhHOjAnHxkUEAsIBQQCAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC
AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIDAwQGCAoPFh8zZMD/4ppfOSMVDQgGBQQDAgICAgICAgICAgICAgICAgICAgICAg
ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC////////////////////////////////////////////////////////////////////////////////////////////
//////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////
//////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////
/////////////////////////////////////////////////////////////////////////////wICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg
ICAgICAgICAgICAgICAgICAgICAgICAgICAgIDBAYZEhUXGh8lLz1Xjtj/6K56WEAwJRwWEQ4LCQcFAwMCAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC
AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIDBAYGCQwPLF89RlNjcYeu5P/cnGhELR4VDg
sHBAICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC
AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIDAwQGCAoSGhskMEFhnef/xGoxGhAKBgQDAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg
ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAwQGCQ0SGSQ3
YK///aNGHRILCAYDAwICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC
`)

/**
 * Step of the mean residual energy in dB, Q14: [1 = two, 2 = four subframes].
 * @sha256 4587f7f35559a642b1f2a2ba58fd91234e032085db5672375f586f9119bf5801
 */
export const residualEnergyStepQ14 = new Int16Array([16384, 19843, 16686])

/**
 * Residual energy shapes in dB, Q10: [98][4].
 * @sha256 90907162029a5fc387b081d6aba057af5b9614562c9f9a2d830230f8025a5a24
 */
export const residualEnergyShapeQ10x4 = new Int16Array([
  -2515, -2238, 2632, 2121, 790, 3973, -2872, -1891, -533, 2847, 1453, -3767, -6174, -402, 2668, 3908, -1623, -1458, 153, 2928, -1254, 3197, -476, -1467, 1803,
  -1086, 270, -987, 1952, -66, -1257, -629, 161, 19, -85, -96, 4833, 3147, -105, -7875, -1320, 1377, -1156, 1099, 3398, -2247, 1485, -2637, -3031, 2756, 1841,
  -1566, -1487, 2202, -2668, 1954, 5518, -5344, 522, -696, 8400, -3123, -6235, 958, 5152, -2444, -2811, 102, 2513, -82, 1181, -3612, -561, -197, -1074, 1832,
  -294, -1250, -1839, 3383, 5126, 522, -782, -4866, -7760, -5178, -1840, 14779, -1119, 6007, -1489, -3399, -4567, -2543, 1855, 5255, 53, -1626, 67, 1506,
  -12256, -7706, -1982, 21943, 3549, -969, -1096, -1484, -10824, 2981, 2204, 5639, -229, 1106, 945, -1821, -9237, 10157, 1616, -2537, 4916, -199, -2177, -2540,
  6673, 984, -3355, -4302, -7130, -4677, 8925, 2882, 445, 2762, -348, -2859, -196, -1859, 1761, 294, 2725, -2093, -966, 334, -3908, -308, 3675, 541, 735, 890,
  -2516, 891, 504, 1631, -1157, -977, -17817, 2119, 7104, 8594, -2056, 1897, -198, 356, 292, -4544, -287, 4538, -1455, -304, 603, 1156, -18259, -12643, 15247,
  15655, 4177, 1778, -1815, -4140, 1425, 576, -294, -1707, -1301, 5132, 2838, -6669, -4727, -3148, -905, 8781, -650, 152, -4654, 5152, 13746, 2320, -6259,
  -9807, -1356, 396, 3789, -2829, 2337, 1947, -29, -4256, 6033, 820, -5730, -1123, -1795, 1091, 1080, -377, 2208, -1921, -3314, 3027, 9688, 5218, -3754, -11152,
  3814, -3941, -6183, 6310, -1017, -2391, 4393, -984, 10944, -1182, -5011, -4751, -4640, 7201, -218, -2343, -1278, 4720, -4212, 770, 2777, 1333, -5944, 1833,
  -16066, 8107, 5165, 2795, 2530, -5020, 6073, -3582, -2111, -7534, 4575, 5070, -8702, -3762, 4050, 8414, 1335, -997, -1567, 1229, 9348, 1534, -3959, -6922,
  2440, 1153, -2175, -1418, -2715, -4538, -4478, 11730, 569, -885, 2032, -1716, 3529, -91, -3218, -219, 2157, -4121, 191, 1772, -2123, -1968, -1355, 5446, 1475,
  -354, 3651, -4772, 1654, -3521, 2726, -859, 2393, 6820, -2958, -6255, -3861, 1365, 1177, 1319, 7614, -1638, -2789, -3187, -3628, -2635, 6902, -639, 1925,
  2295, -1451, -2769, -3683, 4517, -981, 147, -1260, -529, 2339, -550, 3013, 639, -1050, -2602, 3651, 1959, -3218, -2391, 6267, 3124, -2926, -6464, -8180, 3900,
  4191, 89, -3372, -611, 1042, 2941, -2510, 856, -925, 2579, -11667, -8436, 10605, 9498, 6427, -2733, 1887, -5581, 1581, -1722, -328, 469, 2011, 1989, -3606,
  -394, -1014, 2197, -1200, 17, 1544, -2555, 765, 247, 1188, -183, 1966, -2972, -6057, 3480, -2284, 4860, -25659, 8466, 8891, 8303,
])

/**
 * Residual energy shapes in dB, Q10, low rate: [22][2].
 * @sha256 6417663b9d3443e126462e2ae7b786ef524e2e3b79f93aa3ce353a3ce34164fd
 */
export const residualEnergyShapeQ10x2 = new Int16Array([
  -9672, 9672, -4437, 4437, -907, 907, 3610, -3610, -2857, 2857, 9345, -9345, -2220, 2220, 420, -420, -3565, 3565, -1577, 1577, -184, 184, 2973, -2973, 2389,
  -2389, 1774, -1774, -7315, 7315, 4405, -4405, -5630, 5630, -12927, 12927, -17376, 17376, 1107, -1107, 7058, -7058, 5481, -5481,
])
