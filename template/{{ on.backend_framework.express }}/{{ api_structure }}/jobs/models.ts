export type JobStatus = "queued" | "active" | "completed" | "failed";

/** The truth about slow work; the queue only carries its id, and may lose or repeat it. */
export interface Job {
  id: string;
  type: string;
  status: JobStatus;
  attempts: number;
  error: string | null;
  createdAt: string;
  finishedAt: string | null;
}
