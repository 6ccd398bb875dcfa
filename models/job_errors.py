"""What may stand in the way of who looks after a job, and of the job itself."""

from models.errors import DomainError


class JobNotFound(DomainError):
    """No such job, or somebody else's."""

    code = "JOB_NOT_FOUND"
    sentence = "You have no job with this id."


class JobOver(DomainError):
    """The job has ended already."""

    code = "JOB_OVER"
    sentence = "This job has ended already; it cannot be cancelled any more."


class JobLost(Exception):
    """The job is this worker's no more: it was cancelled, or taken for abandoned and given to another."""
