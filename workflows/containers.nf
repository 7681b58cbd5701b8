// Images that come as files (--container_dir): looked for before any work.

include { given_path } from './parameters'

// Stop when an image that a task of this run will ask for is not there. The names are those of conf/containers.config.
def check_images(Map parameters) {
    if (!parameters.container_dir) {
        return
    }
    def engine = workflow.containerEngine
    if (!(engine in ['singularity', 'apptainer', 'charliecloud'])) {
        error("helixtune: --container_dir is for -profile singularity, apptainer or charliecloud, and this run has " +
            "${engine ?: 'no container engine'}; docker and podman read the same folder's archives: podman load -i <image>.oci.tar")
    }
    def version = workflow.manifest.version
    def missing = ["data-${version}", "model-${version}${'gpu' in workflow.profile.tokenize(',') ? '-gpu' : ''}"]
        .collect { image -> given_path("${parameters.container_dir}/helixtune-${image}${engine == 'charliecloud' ? '' : '.sif'}") }
        .findAll { path -> !path.exists() }
    if (missing) {
        error("helixtune: ${missing.join(' and ')} not found; make the images (make containers), correct --container_dir, " +
            'or leave it out to fetch them from a registry')
    }
}

// The folder of --checkpoint_dir, made when it is not there: an engine can mount only what is.
def make_checkpoint_folder(Map parameters) {
    def folder = parameters.checkpoint_dir ? given_path(parameters.checkpoint_dir) : null
    if (folder && folder.scheme != 'file') {
        error("helixtune: --checkpoint_dir ${parameters.checkpoint_dir} is no folder of a file system; tunings write to it while they run, so give one that all machines mount")
    }
    folder?.mkdirs()
}
