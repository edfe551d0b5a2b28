export { type DecisionFacts, inWords } from './client/decision-words.js';
export { type InspectionTarget, inspector } from './inspection/inspector.js';
export { redacted } from './redaction/value.js';
