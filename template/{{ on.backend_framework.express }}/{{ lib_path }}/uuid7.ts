// Ids that grow with time: new rows lie side by side in every index.
export { v7 as uuid7 } from "uuid";
