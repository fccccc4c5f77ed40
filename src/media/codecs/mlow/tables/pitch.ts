// Lag contours and lag symbols; filters of the open-loop pitch search.
// Origin and rights: docs/decisions/0010-mlow-tables.md. Values are little-endian under the checksum.
// RootFreq8: frequency codes for cdf.ts.
import { bytesFromBase64 } from './base64.ts'

/**
 * The 217 lag contours, range coded: count - 1 of 6, then count times block of 9, length - 1 of 4.
 * @sha256 92f0db4132f977afd5371651ff0be4ef331a89f150da47566b70527824cc6b1c
 */
export const pitchContourBitstream = bytesFromBase64(`
qrNV4OscdTLo0394KRhL/K/dvZco/Y5Nc7YsAAovQ6OtIuE+P1+eu4n+zikGIuzOv7XwQlBg45TfVSwq9eXk6olPYu1NXrGrF+IXjvbjyE8k9BgkFHL/jZCRrUOpBhVCe4E9uOcrExI3zFS399zzpJ
vPjGzysW33u+PSMyp6E9gSuZpZSLZpHpUQbBnTr5oVE1sfRli9j9mI4d7r50BlIKspu+WE3qYRm2NDukV/yPDqCgVWOhW7MHo0YgReNKVxRrz2xR4CCXz0iv2j4IcmojqTwVrO8koKFy2xZYpxCYF6
ak3PoDevU57kq12rokCyG6U5QSyFdFAbFYkn4pTzDSwe2RP83IPRLvBfwCWp+0LcmkDkx9Xrsg5mPqqy0ueGKyydf93i7V6icOwb7uevGfT4ldFql+0RaCda4KDdXrB+qab1LR6WAvmNJLBp5mIj6G
hLL1/1NXv6eo/YLtLITTOAIJWA7nni8SNX3Lq0558Nx/ex8CgnFReIMsJl+cvPhXQaUSlwTwiQ9JL+kKXL+36E0y/cqadCukmGVoUqZu8RMloRTnxdeDF0pY3EYKzXmRYnepV0WHKvRjjOMLkI6f6H
8bnhXurDJEuIfSn+jdceIzPXB9Y/VNcYrYu2S8e9YRaY/wqcqTjskXNRIX/YAZ6iHlIuQ7kDw7WEQEQ61kfyGOypdV2LSUc6aoLD2X6EBmQwQhP4GNAiuMWxzZRdGUNAuu0Z6QVwOa4Roo3MVzv0KN
i8hwDpMF8O/9LU22GEL5U10SK3sVtLHOcmNxEtWgUeo6dXIBKbGFLijBbouv41KNQQrwSWC0AOOlq+RZ59BDuFB9tMQ2u+63NJ0RW2B7pjqLduFpu2RNPJa+urgMe1uoAXozMwaHkiHvdDzWb3Fv7/
3A==
`)

/**
 * Rank of each contour, counted from 1, when sorted by first block: [217].
 * @sha256 919b85ce1d0776c74809d7d8fc068874a241bd12737f89225dd1523963741d40
 */
export const pitchContourRank = new Uint8Array([
  1, 17, 33, 49, 50, 2, 34, 3, 4, 5, 21, 6, 7, 8, 9, 25, 10, 11, 12, 13, 29, 14, 15, 47, 16, 48, 18, 19, 20, 22, 23, 24, 26, 27, 28, 30, 31, 45, 32, 35, 36, 37,
  38, 39, 40, 41, 42, 43, 44, 46, 51, 59, 105, 121, 52, 53, 54, 55, 56, 57, 58, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 106, 76, 107,
  77, 78, 93, 79, 80, 81, 82, 97, 83, 84, 85, 86, 101, 87, 88, 89, 120, 90, 91, 109, 92, 94, 95, 96, 98, 99, 100, 102, 103, 104, 108, 110, 111, 112, 113, 114,
  115, 116, 117, 118, 119, 122, 126, 156, 123, 124, 125, 127, 128, 129, 130, 131, 132, 133, 134, 135, 136, 137, 138, 139, 140, 141, 142, 143, 144, 145, 146,
  147, 148, 149, 150, 151, 152, 153, 154, 155, 157, 160, 167, 158, 173, 159, 161, 162, 163, 164, 165, 166, 168, 169, 170, 171, 172, 174, 175, 176, 177, 178,
  179, 180, 181, 182, 186, 200, 183, 184, 194, 185, 187, 188, 189, 190, 191, 192, 193, 195, 196, 197, 198, 199, 201, 208, 202, 203, 204, 205, 206, 207, 209,
  210, 211, 212, 213, 214, 215, 216, 217,
])

/**
 * First contour and number of contours of each block track of the open-loop search: [187][2].
 * @sha256 a285b5d9105b30674bfe580cb6b383220b0d1e13b71b8125abed699a2287e879
 */
export const pitchTrackContours = new Uint8Array([
  0, 5, 5, 2, 7, 1, 8, 1, 9, 2, 11, 1, 12, 1, 13, 1, 14, 2, 16, 1, 17, 1, 18, 1, 19, 2, 21, 1, 22, 2, 24, 2, 26, 1, 27, 1, 28, 1, 29, 1, 30, 1, 31, 1, 32, 1,
  33, 1, 34, 1, 35, 1, 36, 2, 38, 1, 39, 1, 40, 1, 41, 1, 42, 1, 43, 1, 44, 1, 45, 1, 46, 1, 47, 1, 48, 1, 49, 1, 50, 4, 54, 1, 55, 1, 56, 1, 57, 1, 58, 1, 59,
  1, 60, 1, 61, 1, 62, 1, 63, 1, 64, 1, 65, 1, 66, 1, 67, 1, 68, 1, 69, 1, 70, 1, 71, 1, 72, 1, 73, 1, 74, 1, 75, 1, 76, 2, 78, 2, 80, 1, 81, 2, 83, 1, 84, 1,
  85, 1, 86, 2, 88, 1, 89, 1, 90, 1, 91, 2, 93, 1, 94, 1, 95, 2, 97, 1, 98, 2, 100, 1, 101, 1, 102, 1, 103, 1, 104, 1, 105, 1, 106, 1, 107, 1, 108, 1, 109, 1,
  110, 1, 111, 1, 112, 1, 113, 1, 114, 1, 115, 1, 116, 1, 117, 1, 118, 1, 119, 1, 120, 1, 121, 3, 124, 1, 125, 1, 126, 1, 127, 1, 128, 1, 129, 1, 130, 1, 131,
  1, 132, 1, 133, 1, 134, 1, 135, 1, 136, 1, 137, 1, 138, 1, 139, 1, 140, 1, 141, 1, 142, 1, 143, 1, 144, 1, 145, 1, 146, 1, 147, 1, 148, 1, 149, 1, 150, 1,
  151, 1, 152, 1, 153, 1, 154, 1, 155, 1, 156, 3, 159, 2, 161, 1, 162, 1, 163, 1, 164, 1, 165, 1, 166, 1, 167, 1, 168, 1, 169, 1, 170, 1, 171, 1, 172, 1, 173,
  1, 174, 1, 175, 1, 176, 1, 177, 1, 178, 1, 179, 1, 180, 1, 181, 3, 184, 1, 185, 2, 187, 1, 188, 1, 189, 1, 190, 1, 191, 1, 192, 1, 193, 1, 194, 1, 195, 1,
  196, 1, 197, 1, 198, 1, 199, 1, 200, 2, 202, 1, 203, 1, 204, 1, 205, 1, 206, 1, 207, 1, 208, 1, 209, 1, 210, 1, 211, 1, 212, 1, 213, 1, 214, 1, 215, 1, 216,
  1,
])

/**
 * Lowest and highest rank, counted from 0, of the contours that begin in a block: [9][2].
 * @sha256 7b83e725f09d49b527c6754cc24b24177e1dd699872e01ff8d0bf7a5598b0f51
 */
export const pitchFirstBlockRange = new Uint8Array([0, 49, 50, 120, 121, 155, 156, 180, 181, 199, 200, 207, 208, 211, 212, 214, 215, 216])

/**
 * Rank of the contour: [217].
 * @sha256 89e921d932d576eeceb7f22127272b6ed8d3857370ba768f0103e19fb6f9b1d8
 */
export const pitchContourRootFreq8 = new Uint8Array([
  65, 8, 7, 6, 6, 5, 6, 5, 13, 5, 6, 5, 18, 6, 22, 19, 96, 8, 6, 7, 7, 5, 6, 6, 17, 5, 6, 6, 26, 5, 23, 26, 96, 8, 7, 7, 7, 5, 7, 7, 23, 5, 6, 5, 21, 6, 20, 21,
  25, 25, 255, 12, 12, 10, 31, 8, 34, 30, 160, 11, 10, 9, 9, 5, 8, 7, 17, 5, 6, 6, 25, 8, 24, 22, 19, 16, 6, 17, 5, 5, 5, 12, 7, 7, 5, 7, 8, 6, 9, 22, 17, 5,
  16, 5, 5, 5, 14, 8, 7, 5, 7, 9, 6, 9, 52, 22, 20, 5, 18, 5, 5, 5, 16, 9, 9, 5, 8, 8, 7, 8, 65, 133, 9, 30, 32, 102, 9, 8, 10, 28, 7, 28, 33, 28, 24, 9, 21, 9,
  11, 11, 20, 19, 7, 16, 6, 6, 5, 14, 6, 7, 5, 8, 9, 9, 9, 70, 138, 35, 15, 92, 9, 25, 28, 24, 24, 11, 112, 9, 9, 12, 27, 8, 14, 30, 18, 19, 6, 20, 11, 10, 10,
  117, 32, 31, 15, 75, 11, 26, 26, 19, 20, 11, 21, 12, 8, 21, 14, 9, 10, 84, 87, 32, 28, 15, 20, 22, 11, 58, 68, 30, 27, 14, 64, 26, 26, 58, 24,
])

/**
 * Difference of lag indices by gain class; windows of 65: [3][319].
 * @sha256 f4f37f815c5084495e5b2da86d211c61f95127e9f12eb44b883956eab0f92550
 */
export const pitchDeltaLagRootFreq8 = bytesFromBase64(`
/9u4nY2DfHZzcnFvbm1raGVlZ2lqa2poZmVkZGRiYmRkZGRlY2NiYmJgX2BhYF9gXl5dXV1dXFxcXFpaWVticXJeU01JRkREQ0NCQUBAPz4+Pz4+PT49PT0+PT4+P0BBQEFCRERFRkhJTEtNTlFSVl
dZW19gZGZsbnd6ho6ixPvRtaKajYh+e3JxbGlkYl1cV1VTUk5MSkpHRkNDQkBAPz0+PDw7Ojk5Ojk5ODc3Nzg5OTk5Ojs8Ozs8PkBDSlhnXllYWFhZWlxdXV1dXV5dXF1dXFpZW11dXFxZV1hZWVlZ
XF1cW1tZWlxcWllaXFxeXl5fYWJhYGFhYmRobG9vcGxoZ2dmZmZlY2RkZWhqaGZlZGNjZGdpZ2ZmZmVkZWVlY2FeXV1dX2BiY2JhX1xcXmBiYmFgYGBiZmxzfIaUn6GQfXFnYFxaWllXVVRSUlFRUl
NTU1BOTUtKS0xNT09OTk9QUE9OTEtLS0pIRkVFRERERUVEQ0JBQEFAPz4/QUM6MywoJiUlIyIhISEgHx8fHh4fHx4eHh4eHh8gICEhIiIiIyQkJSYoKCkqLC0vMTM1Nzk9QERHTFFZYG18mMb/88yq
lYJ2a2NcV1BMR0RAPjo4NTMxMC4tKyopKScnJiUlJSQkIyIiIiIjIiIhIiMkJCUmJicoKCkpKiwuMTU6QEJCQ0RGR0VERkhIR0dHR0dHR0VDQ0RERUVGRUVFRUVERENDREVHR0dHSElJSUhHR0dHR0
hISkxOUFFQUFJXW11ZVVJRUVNVV1lbXV9gYmNhX11dXmBiY2NjYWBgYGBfXFpZV1ZUUlFRUlNSUlFRUVFRUlJTVFdZXGBkaW93gYl6cGNZUk1JR0VDQT8+PDs6Ojs7Ozw8Ozo4NjU1Njc5Ojo5ODY2
NTQzMTEwMC8uLy8vLi4tLCsqKSclJCQlJSQhGhUREA4NDQsLCwsKCgoJCQoKCgoKCgoKCgoKCgsLCwsLDAwNDQ4ODw8PEBASExMUFRcZGh0gIycsMjtIXYDB/9macFhIPTQvKSYiHx0aGRgWFRQTEh
IREBAPDw4ODg4NDQ0NDAwMDAwMDAwMDAwMDQ0NDQ0NDg4PEBARExQXGyIlJygqKiorLS0uLy8wMTExMTEwLy8uLi8wMTExMTEwLy8vLzAxMjM0NDMzMjIzMzU2Nzc2Njc4ODk5Oj0/QkREQ0JDQ0ND
REVGR0dHR0dISktLS0tLS0pISEpLTEtIRUJAPj08Ozo6Ojs8PT09PT4+P0FDREREQ0JDREdLUVhd
`)

/**
 * First block after the last block of the frame before: [9][9].
 * @sha256 a6bec4a16659c18261fbd50febef618c75d1268945567c1edf04b22d1b104ab4
 */
export const pitchBlockTransitionRootFreq8 = new Uint8Array([
  255, 109, 62, 59, 49, 46, 46, 46, 42, 35, 255, 45, 36, 37, 21, 18, 17, 13, 40, 62, 255, 77, 40, 43, 28, 24, 20, 37, 54, 52, 255, 72, 34, 26, 29, 24, 46, 71,
  40, 71, 255, 73, 37, 32, 28, 75, 78, 77, 74, 109, 255, 86, 62, 47, 141, 135, 116, 119, 124, 150, 255, 138, 100, 155, 156, 121, 157, 134, 137, 142, 255, 140,
  174, 152, 128, 163, 143, 139, 139, 158, 255,
])

/**
 * Half-band filter of the decimation to 8 kHz: [15].
 * @sha256 3ff953a5f4e77d21d697978052890432837ab0a6a2bb12c5e668c513b28fcb40
 */
export const pitchDownsampleFir = new Float32Array([
  -0.045472838, 0, 0.06366198, 0, -0.10610329, 0, 0.31830987, 0.5, 0.31830987, 0, -0.10610329, 0, 0.06366198, 0, -0.045472838,
])

/**
 * Filter that halves the lag step of a correlation: [8].
 * @sha256 5467cdeb72c77b9e41c5757d89c6068e51429c22f3743ddf3c6f430b3f29a9d6
 */
export const pitchCorrelationUpsampleFir = new Float32Array([
  -0.0024414062, 0.023925781, -0.119628906, 0.59814453, 0.59814453, -0.119628906, 0.023925783, -0.0024414062,
])
