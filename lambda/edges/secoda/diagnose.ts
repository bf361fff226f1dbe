export const diagnoseSecoda = async () => [];
