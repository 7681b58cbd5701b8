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
    def model = 'gpu' in workflow.profile.tokenize(',') ? 'model-0.1.0-gpu' : 'model-0.1.0'
    def missing = ['data-0.1.0', model]
        .collect { image -> given_path("${parameters.container_dir}/helixtune-${image}${engine == 'charliecloud' ? '' : '.sif'}") }
        .findAll { path -> !path.exists() }
    if (missing) {
        error("helixtune: ${missing.join(' and ')} not found; make the images (make containers), correct --container_dir, " +
            'or leave it out to fetch them from a registry')
    }
}
