/** The camera: opened on a click and never before, stopped for good when it is let go. */

const WANTED = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } };

/** Why there is no picture: a key of TEXT's `problems`. */
export class NoCamera extends Error {}

const REASONS = {
  NotAllowedError: "cameraRefused", SecurityError: "cameraRefused", NotFoundError: "cameraMissing",
  OverconstrainedError: "cameraMissing", NotReadableError: "cameraBusy", AbortError: "cameraBusy",
};

/**
 * @param {"user" | "environment"} facing towards whoever holds it, or away
 * @param {HTMLElement} place where the video lies unseen: some browsers show no frames of one that is in no page
 * @param {() => void} onEnd somebody unplugged it or took the permission away
 * @returns {Promise<{video: HTMLVideoElement, mirrored: boolean, several: boolean, stop: () => void}>}
 * @throws {NoCamera}
 */
export async function openCamera(facing, place, onEnd) {
  if (!navigator.mediaDevices?.getUserMedia) throw new NoCamera("cameraInsecure");
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { ...WANTED, facingMode: { ideal: facing } } });
  } catch (error) {
    throw new NoCamera(REASONS[error.name] ?? "cameraMissing");
  }
  const video = document.createElement("video"), [track] = stream.getVideoTracks();
  const stop = () => {
    for (const one of stream.getTracks()) one.stop();
    video.srcObject = null;
    video.remove();
  };
  Object.assign(video, { muted: true, playsInline: true, srcObject: stream, className: "vs-unseen", tabIndex: -1 });
  video.setAttribute("aria-hidden", "true");
  place.append(video);
  track.addEventListener("ended", onEnd);
  try {
    await video.play();
  } catch {
    stop();
    throw new NoCamera("cameraBusy");
  }
  const devices = await navigator.mediaDevices.enumerateDevices();
  const several = devices.filter(({ kind }) => kind === "videoinput").length > 1;
  return { video, mirrored: track.getSettings().facingMode !== "environment", several, stop };
}
