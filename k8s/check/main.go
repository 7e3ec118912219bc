// check builds kustomizations and prints each of their objects as JSON, one a line.
//
//	go run . ../overlays/demo
//
// It fails where kustomize does, and for a field that the API of Kubernetes, in the version of go.mod, does not know.
package main

import (
	"fmt"
	"os"

	apps "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

func main() {
	for _, folder := range os.Args[1:] {
		if err := check(folder); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", folder, err)
			os.Exit(1)
		}
	}
}

func check(folder string) error {
	decoder, err := strictDecoder()
	if err != nil {
		return err
	}
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), folder)
	if err != nil {
		return err
	}
	for _, resource := range built.Resources() {
		object, err := resource.MarshalJSON()
		if err != nil {
			return err
		}
		if _, _, err := decoder.Decode(object, nil, nil); err != nil {
			return fmt.Errorf("%s: %w", resource.CurId(), err)
		}
		fmt.Println(string(object))
	}
	return nil
}

// strictDecoder knows the kinds that belong here, and refuses unknown fields and those that come twice.
func strictDecoder() (runtime.Decoder, error) {
	scheme := runtime.NewScheme()
	kinds := runtime.NewSchemeBuilder(apps.AddToScheme, autoscaling.AddToScheme, core.AddToScheme,
		networking.AddToScheme, policy.AddToScheme)
	if err := kinds.AddToScheme(scheme); err != nil {
		return nil, err
	}
	return serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer(), nil
}
