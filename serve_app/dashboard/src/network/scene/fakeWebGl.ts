/**
 * A WebGL2 context for tests that accepts everything and draws nothing. It counts what was created and not deleted, so
 * that a test sees memory that is not given back.
 */
export function fakeWebGl(canvas: HTMLCanvasElement) {
  const alive = { buffers: 0, vertexArrays: 0 };
  const answers: Record<string, (...values: number[]) => unknown> = {
    getContextAttributes: () => ({ alpha: true, antialias: true, depth: true, stencil: false }),
    getExtension: () => null,
    getSupportedExtensions: () => [],
    getShaderPrecisionFormat: () => ({ precision: 23, rangeMin: 127, rangeMax: 127 }),
    isContextLost: () => false,
    getParameter: (name) => PARAMETERS[name ?? 0] ?? 16,
    getProgramParameter: (_, name) => (name === LINK_STATUS ? true : 0),
    getShaderParameter: () => true,
    getProgramInfoLog: () => "",
    getShaderInfoLog: () => "",
    getAttribLocation: () => 0,
    getError: () => 0,
    createBuffer: () => ({ buffer: ++alive.buffers }),
    deleteBuffer: () => --alive.buffers,
    createVertexArray: () => ({ array: ++alive.vertexArrays }),
    deleteVertexArray: () => --alive.vertexArrays,
  };
  const context = new Proxy<Record<string, unknown>>(
    { canvas, drawingBufferWidth: 900, drawingBufferHeight: 500, drawingBufferColorSpace: "srgb" },
    {
      get: (own, name) => {
        if (typeof name !== "string" || name in own) return own[name as string];
        if (name in answers) return answers[name];
        if (/^[A-Z0-9_]+$/.test(name)) return CONSTANTS[name] ?? 1;
        return /^create/.test(name) ? () => ({}) : () => undefined;
      },
    },
  );
  return { context, left: () => ({ ...alive }) };
}

const LINK_STATUS = 0x8b82;
const CONSTANTS: Record<string, number> = {
  LINK_STATUS,
  VERSION: 0x1f02,
  SHADING_LANGUAGE_VERSION: 0x8b8c,
  SCISSOR_BOX: 0x0c10,
  VIEWPORT: 0x0ba2,
  ACTIVE_UNIFORMS: 0x8b86,
  ACTIVE_ATTRIBUTES: 0x8b89,
};
const PARAMETERS: Record<number, unknown> = {
  [CONSTANTS.VERSION ?? 0]: "WebGL 2.0",
  [CONSTANTS.SHADING_LANGUAGE_VERSION ?? 0]: "WebGL GLSL ES 3.00",
  [CONSTANTS.SCISSOR_BOX ?? 0]: [0, 0, 900, 500],
  [CONSTANTS.VIEWPORT ?? 0]: [0, 0, 900, 500],
};
