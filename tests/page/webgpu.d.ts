// What TypeScript's own types of WebGPU leave out.
declare const GPUBufferUsage: Record<"MAP_READ" | "COPY_SRC" | "COPY_DST" | "UNIFORM" | "STORAGE", number>;
declare const GPUMapMode: Record<"READ" | "WRITE", number>;
