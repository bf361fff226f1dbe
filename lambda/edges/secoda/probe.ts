export const probeSecoda = async () => [];
