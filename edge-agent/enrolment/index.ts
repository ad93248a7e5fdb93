/** How a box comes to its certificate, for the command, which does by hand what the agent does by itself. */
export { certificateRequest } from "./certificate-request.ts";
export { askEnrolment, EnrolmentError } from "./enrolment-client.ts";
export { enrolFromSeed, type FromSeedOptions, isConfigured, isSeedWaiting } from "./from-seed.ts";
export { type IdentityFiles, identityFiles, keyIn, readIfThere } from "./identity-files.ts";
export { install, pinOf } from "./install.ts";
export { OUTCOMES, outcomeOf } from "./outcomes.ts";
export { CertificateRenewal, type RenewalOptions } from "./renewal.ts";
export { STATUS_FILE } from "./status-file.ts";
