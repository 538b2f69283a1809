const RATE = 16000;
const HOP = 512;
const PEAK = 160; // samples that a stroke of the waveform stands for
const LIVE_SECONDS = 15;
const FILE_SPEED = 4; // the service refuses sound that comes faster than its limit
const AHEAD = 2 * RATE; // samples that may be sent before their answers have come

const element = (id) => document.getElementById(id);
const canvas = element("plot");

/** What is heard now: its sound, and what the service says of it. */
let session = null;

class Session {
  constructor(seconds) {
    this.seconds = seconds; // of a file; 0 where nobody knows
    this.peaks = [];
    this.samples = 0;
    this.probabilities = [];
    this.segments = [];
    this.onend = () => {};
    this.socket = new WebSocket(location.origin.replace(/^http/, "ws") + "/vad");
    this.socket.binaryType = "arraybuffer";
    this.opened = new Promise((resolve, reject) => {
      this.socket.onopen = resolve;
      this.socket.onerror = () => reject(new Error("The service cannot be reached."));
    });
    this.socket.onmessage = ({ data }) => this.answer(JSON.parse(data));
    this.socket.onclose = ({ code, reason }) => {
      this.closed = true;
      this.onend(code === 1000 ? "" : reason || "The connection broke.");
    };
  }

  /** Sends samples from -1 to 1. */
  hear(samples) {
    const pcm = new DataView(new ArrayBuffer(2 * samples.length));
    samples.forEach((sample, i) => {
      const value = Math.max(-32768, Math.min(32767, Math.round(32768 * sample)));
      pcm.setInt16(2 * i, value, true);
      const peak = Math.floor((this.samples + i) / PEAK);
      const known = (this.peaks[peak] ??= [0, 0]);
      known[0] = Math.min(known[0], sample);
      known[1] = Math.max(known[1], sample);
    });
    this.samples += samples.length;
    if (this.socket.readyState === WebSocket.OPEN) {
      this.socket.send(pcm.buffer);
    }
    changed();
  }

  answer({ probabilities, events = [] }) {
    this.probabilities.push(...probabilities);
    for (const event of events) {
      if ("begin" in event) {
        this.segments.push({ begin: event.begin });
      } else {
        this.segments.at(-1).end = event.end;
      }
    }
    if (events.length > 0) {
      list(this.segments);
    }
    changed();
  }

  isSpeech() {
    return this.segments.length > 0 && this.segments.at(-1).end === undefined;
  }

  /** Ends the sound; the last answer comes before the connection is closed. */
  end() {
    if (this.socket.readyState === WebSocket.OPEN) {
      this.socket.send("end");
    }
  }
}

async function hearFile(file) {
  say(`Reading ${file.name} …`);
  let sound;
  try {
    const decoder = new OfflineAudioContext(1, 1, RATE);
    sound = await decoder.decodeAudioData(await file.arrayBuffer());
  } catch {
    say(`${file.name} is no sound that this browser can read.`);
    return;
  }
  const samples = mix(sound);
  const mine = await begin(samples.length / RATE);
  const start = performance.now();
  for (let at = 0; at < samples.length && !mine.closed && !mine.stopped; ) {
    const due = ((performance.now() - start) / 1000) * RATE * FILE_SPEED;
    const most = Math.min(due, mine.probabilities.length * HOP + AHEAD);
    while (at < most && at < samples.length) {
      mine.hear(samples.subarray(at, at + HOP));
      at += HOP;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  mine.end();
}

function mix(sound) {
  const mixed = new Float32Array(sound.length);
  for (let channel = 0; channel < sound.numberOfChannels; channel++) {
    sound.getChannelData(channel).forEach((sample, i) => {
      mixed[i] += sample / sound.numberOfChannels;
    });
  }
  return mixed;
}

async function hearMicrophone() {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
  const audio = new AudioContext({ sampleRate: RATE });
  const release = () => {
    stream.getTracks().forEach((track) => track.stop());
    if (audio.state !== "closed") {
      audio.close();
    }
  };
  try {
    await audio.audioWorklet.addModule("recorder.js");
    const mine = await begin(0);
    const recorder = new AudioWorkletNode(audio, "recorder", { numberOfOutputs: 0 });
    recorder.port.onmessage = ({ data }) => !mine.stopped && mine.hear(data);
    audio.createMediaStreamSource(stream).connect(recorder);
    mine.release = release;
  } catch (failure) {
    release();
    throw failure;
  }
}

async function begin(seconds) {
  stop();
  const mine = new Session(seconds);
  session = mine;
  list([]);
  mine.onend = (reason) => {
    mine.release?.();
    if (session === mine) {
      element("stop").disabled = true;
      changed();
      say(reason || `${mine.probabilities.length} windows of 32 ms, speech in ${spoken(mine)} s.`);
    }
  };
  await mine.opened;
  element("stop").disabled = false;
  return mine;
}

function stop() {
  if (session && !session.stopped) {
    session.stopped = true;
    session.release?.();
    session.end();
  }
}

function spoken({ segments, probabilities }) {
  const last = (probabilities.length * HOP) / RATE;
  return segments.reduce((sum, { begin, end = last }) => sum + end - begin, 0).toFixed(1);
}

function say(text, speech = false) {
  element("state").textContent = text;
  element("state").dataset.speech = speech ? "yes" : "no";
}

function list(segments) {
  element("none").hidden = segments.length > 0;
  element("segments").replaceChildren(
    ...segments.map(({ begin, end }) => {
      const item = document.createElement("li");
      item.textContent = `${begin.toFixed(2)} – ${end === undefined ? "…" : end.toFixed(2) + " s"}`;
      return item;
    }),
  );
}

let drawing = false;

/** Draws soon, and once for all that has changed. */
function changed() {
  if (!drawing) {
    drawing = true;
    requestAnimationFrame(() => {
      drawing = false;
      draw();
    });
  }
}

function draw() {
  const scale = window.devicePixelRatio;
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue("--" + name);
  const left = 36;
  const bottom = height - 22;
  const middle = Math.round(bottom * 0.5);
  const gap = 10;

  const heard = (session?.samples ?? 0) / RATE;
  const span = session?.seconds || LIVE_SECONDS;
  const from = session?.seconds ? 0 : Math.max(0, heard - span);
  const x = (seconds) => left + ((seconds - from) / span) * (width - left);
  const y = (probability) => bottom - probability * (bottom - middle - gap);

  pen.font = "12px system-ui, sans-serif";
  pen.fillStyle = colour("soft");
  pen.strokeStyle = colour("line");
  pen.lineWidth = 1;
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  for (const value of [0, 0.5, 1]) {
    line(pen, left, y(value), width, y(value));
    pen.fillText(String(value), left - 8, y(value));
  }
  pen.textBaseline = "alphabetic";
  const step = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600].find((s) => (s / span) * width > 60) ?? 1800;
  for (let second = Math.ceil(from / step) * step; second <= from + span; second += step) {
    line(pen, x(second), 0, x(second), bottom);
    const label = second === 0 ? "0 s" : String(second);
    pen.textAlign = x(second) > width - 20 ? "right" : "center";
    pen.fillText(label, x(second), height - 4);
  }
  if (!session) {
    return;
  }

  pen.save();
  pen.beginPath();
  pen.rect(left, 0, width - left, bottom + 1);
  pen.clip();
  pen.fillStyle = colour("speech");
  const told = (session.probabilities.length * HOP) / RATE;
  for (const { begin, end = told } of session.segments) {
    pen.fillRect(x(begin), 0, x(end) - x(begin), bottom);
  }

  const centre = (middle - gap) / 2;
  const loudest = session.peaks.reduce((most, [low, high]) => Math.max(most, -low, high), 0.05);
  pen.strokeStyle = colour("wave");
  pen.beginPath();
  let column = [0, 0];
  const first = Math.max(0, Math.floor((from * RATE) / PEAK));
  for (let i = first; i < session.peaks.length; i++) {
    const at = Math.floor(x((i * PEAK) / RATE));
    const next = Math.floor(x(((i + 1) * PEAK) / RATE));
    const [low, high] = session.peaks[i];
    column = [Math.min(column[0], low), Math.max(column[1], high)];
    if (next > at || i === session.peaks.length - 1) {
      pen.moveTo(at + 0.5, centre - (column[1] / loudest) * centre - 0.5);
      pen.lineTo(at + 0.5, centre - (column[0] / loudest) * centre + 0.5);
      column = [0, 0];
    }
  }
  pen.stroke();

  pen.strokeStyle = colour("probability");
  pen.lineWidth = 1.5;
  pen.lineJoin = "round";
  pen.beginPath();
  session.probabilities.forEach((probability, i) => {
    const seconds = (i * HOP) / RATE;
    if (seconds >= from - 1) {
      pen.lineTo(x(seconds), y(probability));
    }
  });
  pen.stroke();
  pen.restore();
  if (!session.closed) {
    const speech = session.isSpeech();
    say(`${speech ? "Speech" : "No speech"} at ${told.toFixed(1)} s`, speech);
  }
}

function line(pen, x0, y0, x1, y1) {
  pen.beginPath();
  pen.moveTo(Math.round(x0) + 0.5, Math.round(y0) + 0.5);
  pen.lineTo(Math.round(x1) + 0.5, Math.round(y1) + 0.5);
  pen.stroke();
}

const attempt = (task) => task.catch((failure) => say(failure.message));

element("file").onchange = ({ target }) => {
  const file = target.files[0];
  target.value = "";
  if (file) {
    attempt(hearFile(file));
  }
};
element("microphone").onclick = () => attempt(hearMicrophone());
element("stop").onclick = stop;
new ResizeObserver(changed).observe(canvas);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
